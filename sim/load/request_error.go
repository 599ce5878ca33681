package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
)

// ErrorKind says what kept a request from being answered. Its text is the
// detail of the request's event, the same for the same cause, so that causes
// can be counted.
type ErrorKind string

const (
	// Refused is a connection that was refused, with no byte of the request
	// written on any connection: the request had no effect.
	Refused ErrorKind = "connection refused"
	// Timeout is a deadline that passed: the request's own, or the dialer's.
	Timeout ErrorKind = "timeout"
	// Cut is a connection that ended before the answer did.
	Cut ErrorKind = "connection cut"
	// Interrupted is a request that squall gave up, because the trial ended.
	Interrupted ErrorKind = "interrupted"
	// Other is anything else, such as an answer that is no HTTP.
	Other ErrorKind = "other"
)

// Phase is how far a request had come.
type Phase int32

const (
	Dialing     Phase = iota // no connection yet
	Handshaking              // of TLS
	Writing                  // there is a connection; the request is not written in full
	Waiting                  // the request is written in full; no byte of the answer is here
	Reading                  // a part of the answer is here
)

var phaseNames = [...]string{"dialing", "in the TLS handshake", "writing the request", "waiting for the answer", "reading the answer"}

func (p Phase) String() string { return phaseNames[p] }

// RequestError is why a request has no whole answer.
type RequestError struct {
	Kind  ErrorKind
	Phase Phase
	Err   error // as the transport or the answer's body returned it
}

func (e *RequestError) Error() string { return fmt.Sprintf("%s while %s: %v", e.Kind, e.Phase, e.Err) }

// Unwrap returns the error that the transport returned.
func (e *RequestError) Unwrap() error { return e.Err }

// kindOf finds the kind of an error of the transport by its type. Refused only
// says that a connection was refused: whether anything was written before, the
// caller has to know.
func kindOf(err error) ErrorKind {
	var timed net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timed) && timed.Timeout():
		return Timeout
	case isCut(err), errors.Is(err, net.ErrClosed):
		return Cut
	case errors.Is(err, context.Canceled):
		return Interrupted
	}
	return Other
}

// isCut reports whether the other side ended the connection.
func isCut(err error) bool {
	for _, end := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE} {
		if errors.Is(err, end) {
			return true
		}
	}
	return false
}
