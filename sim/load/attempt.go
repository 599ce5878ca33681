package load

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"
)

// dialTime bounds the making of a connection.
const dialTime = 2 * time.Second

func newTransport() *http.Transport {
	return &http.Transport{
		DialContext:         dial,
		MaxIdleConns:        0,
		MaxIdleConnsPerHost: 4096,
		IdleConnTimeout:     30 * time.Second,
		DisableCompression:  true,
	}
}

func dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: dialTime}).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return &countedConn{Conn: conn}, nil
}

// countedConn counts the bytes that are written to a connection, and remembers
// that the other side ended it: the transport's own error does not always say
// so by its type.
type countedConn struct {
	net.Conn
	written atomic.Int64
	cut     atomic.Bool
}

func (c *countedConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.written.Add(int64(n))
	if err != nil && isCut(err) {
		c.cut.Store(true)
	}
	return n, err
}

func (c *countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil && isCut(err) {
		c.cut.Store(true)
	}
	return n, err
}

// attempt follows one request through the transport, which may take several
// connections for it: when one turns out to be dead, the next.
type attempt struct {
	phase atomic.Int32 // a Phase; the transport's goroutines set it, too
	uses  []use        // the goroutine that makes the round trip appends
}

// use is one connection that a request was given.
type use struct {
	conn *countedConn
	from int64 // bytes that were written to it before
}

// traced returns a context that has the transport tell the attempt how far it is.
func (a *attempt) traced(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:              func(string) { a.phase.Store(int32(Dialing)) },
		TLSHandshakeStart:    func() { a.phase.CompareAndSwap(int32(Dialing), int32(Handshaking)) },
		GotConn:              a.gotConn,
		WroteRequest:         a.wroteRequest,
		GotFirstResponseByte: func() { a.phase.Store(int32(Reading)) },
	})
}

func (a *attempt) gotConn(info httptrace.GotConnInfo) {
	conn := info.Conn
	if outer, ok := conn.(interface{ NetConn() net.Conn }); ok { // TLS
		conn = outer.NetConn()
	}
	if c, ok := conn.(*countedConn); ok {
		a.uses = append(a.uses, use{c, c.written.Load()})
	}
	a.phase.Store(int32(Writing))
}

func (a *attempt) wroteRequest(info httptrace.WroteRequestInfo) {
	if info.Err == nil {
		a.phase.CompareAndSwap(int32(Writing), int32(Waiting))
	}
}

// failed types an error of the round trip, or of reading the answer's body.
func (a *attempt) failed(err error) *RequestError {
	e := &RequestError{Kind: kindOf(err), Phase: Phase(a.phase.Load()), Err: err}
	if e.Kind == Refused && (e.Phase != Dialing || a.wrote()) {
		e.Kind = Cut // an earlier connection took a part of the request and ended
	}
	if e.Kind == Other && a.cut() {
		e.Kind = Cut
	}
	return e
}

// wrote reports whether any byte of the request was written.
func (a *attempt) wrote() bool {
	for _, u := range a.uses {
		if u.conn.written.Load() > u.from {
			return true
		}
	}
	return false
}

// cut reports whether the other side ended the connection that was used last.
func (a *attempt) cut() bool { return len(a.uses) > 0 && a.uses[len(a.uses)-1].conn.cut.Load() }

// answerBody tells of an error while the answer is read, and of the body's end.
type answerBody struct {
	io.ReadCloser
	failed func(error)
	closed func()
}

func (b *answerBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		b.failed(err)
	}
	return n, err
}

func (b *answerBody) Close() error {
	defer b.closed()
	return b.ReadCloser.Close()
}

// failures keeps the typed error of each request that has no whole answer, by
// the request's number, until it is taken.
type failures struct {
	mu   sync.Mutex
	byNo map[int]*RequestError
}

func (f *failures) put(number int, e *RequestError) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.byNo == nil {
		f.byNo = map[int]*RequestError{}
	}
	f.byNo[number] = e
}

// take returns the error of a request and forgets it; nil if there is none.
func (f *failures) take(number int) *RequestError {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := f.byNo[number]
	delete(f.byNo, number)
	return e
}
