package load

import (
	"io"
	"strconv"
	"strings"

	"squall/sim"
)

// classify turns an answer into an outcome. The rules:
//
//	2xx                 ok: the order is promised
//	4xx                 fail: refused before anything was done
//	connection refused  fail: the request never left
//	5xx                 info: work had begun, nobody says how far it got
//	timeout, cut        info: likewise
//	anything else       info
func classify(status int, err string) string {
	switch {
	case status >= 200 && status < 300:
		return sim.OutcomeOK
	case status >= 400 && status < 500:
		return sim.OutcomeFail
	case status == 0 && strings.Contains(err, "connection refused"):
		return sim.OutcomeFail
	}
	return sim.OutcomeInfo
}

// reason puts what went wrong into few words, the same for the same cause, so
// that causes can be counted; "" for an ok answer.
func reason(status int, err string) string {
	switch {
	case status >= 200 && status < 300:
		return ""
	case status > 0:
		return strconv.Itoa(status)
	case strings.Contains(err, "connection refused"):
		return "connection refused"
	case strings.Contains(err, "Client.Timeout"), strings.Contains(err, "deadline exceeded"):
		return "timeout"
	case strings.Contains(err, "EOF"), strings.Contains(err, "reset"), strings.Contains(err, "broken pipe"):
		return "connection cut"
	case strings.Contains(err, "canceled"):
		return "interrupted"
	}
	return err
}

// closing runs something once the body is closed.
type closing struct {
	io.ReadCloser
	then func()
}

func (c *closing) Close() error {
	defer c.then()
	return c.ReadCloser.Close()
}
