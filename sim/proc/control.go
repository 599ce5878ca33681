package proc

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"squall/sim"
)

// post asks the process something over its own address, and decodes the answer
// into out unless that is nil.
func (p *Process) post(ctx context.Context, path string, query url.Values, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+p.launch.Addr+path+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("POST %s answered %d", path, resp.StatusCode)
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(out)
}

// Tune sets how the process misbehaves from now on, at POST /degrade on its own
// address, and returns what came of that until now.
func (p *Process) Tune(ctx context.Context, t sim.Tuning) (done sim.Tuned, err error) {
	share := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	err = p.post(ctx, "/degrade", url.Values{
		"slow": {t.Slow.String()}, "slow_share": {share(t.SlowShare)}, "errors": {share(t.Errors)},
	}, &done)
	return done, err
}

// arm sets the failpoint at which the process is to kill itself, when it reaches
// it for the nth time from now on; 0 is never.
func (p *Process) arm(ctx context.Context, point string, nth int) error {
	return p.post(ctx, "/crash-at", url.Values{"point": {point}, "nth": {strconv.Itoa(nth)}}, nil)
}
