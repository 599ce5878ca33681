package load

import (
	"strconv"

	"squall/sim"
)

// outcomeOf says what an answer, or the lack of one, means for the order:
//
//	2xx                 ok: the order is promised
//	4xx                 fail: refused before anything was done
//	connection refused  fail: no byte of the request was written
//	5xx                 info: work had begun, and the answer does not say how far it got
//	timeout, cut        info: the same
//	anything else       info
//
// status is 0 and failed is set where no whole answer came.
func outcomeOf(status int, failed *RequestError) sim.Outcome {
	switch {
	case status >= 200 && status < 300:
		return sim.OutcomeOK
	case status >= 400 && status < 500:
		return sim.OutcomeFail
	case status == 0 && failed != nil && failed.Kind == Refused:
		return sim.OutcomeFail
	}
	return sim.OutcomeInfo
}

// detailOf puts what went wrong into few words, the same for the same cause, so
// that causes can be counted; "" for an ok answer. text is the whole error's,
// which stands where the error is of no kind that has words of its own.
func detailOf(status int, failed *RequestError, text string) string {
	switch {
	case status >= 200 && status < 300:
		return ""
	case status > 0:
		return strconv.Itoa(status)
	case failed != nil && failed.Kind != Other:
		return string(failed.Kind)
	}
	return text
}
