package channels

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
)

var (
	// ErrUnsupported says that the transport, or what is asked of it, is not
	// there: not in this program, or not in this kernel.
	ErrUnsupported = errors.New("not supported")
	// ErrMPTCPDisabled says that the administrator has switched MPTCP off.
	ErrMPTCPDisabled = errors.New("MPTCP is disabled in the kernel (net.mptcp.enabled is 0)")
	// ErrWouldBlock says that the kernel's send buffer is full.
	ErrWouldBlock = errors.New("the kernel's send buffer is full")
)

// FramingError says that a stream cannot be cut into messages any more.
type FramingError struct {
	Err error // what is wrong with the header
}

func (e *FramingError) Error() string {
	return "the stream has lost its message boundaries: " + e.Err.Error()
}
func (e *FramingError) Unwrap() error { return e.Err }

// CutError says that a stream has ended inside a message. It is
// io.ErrUnexpectedEOF to errors.Is.
type CutError struct {
	Bytes int // of the message that came, at least 1
}

func (e *CutError) Error() string {
	return fmt.Sprintf("the stream ended inside a message, after %d bytes of it", e.Bytes)
}

// Unwrap returns io.ErrUnexpectedEOF.
func (e *CutError) Unwrap() error { return io.ErrUnexpectedEOF }

// MessageSizeError says that a message does not fit into a datagram.
type MessageSizeError struct {
	Size  int // bytes
	Limit int // bytes that fit, 0: not known
	Err   error
}

func (e *MessageSizeError) Error() string {
	limit := ""
	if e.Limit > 0 {
		limit = fmt.Sprintf(", which holds at most %d here", e.Limit)
	}
	return fmt.Sprintf("a message of %d bytes does not fit into a datagram%s: %v", e.Size, limit, e.Err)
}
func (e *MessageSizeError) Unwrap() error { return e.Err }

// BufferError says that the kernel grants a smaller socket buffer than asked
// for.
type BufferError struct {
	Option  string // "SO_SNDBUF" or "SO_RCVBUF"
	Asked   int    // bytes
	Granted int    // bytes, as the kernel reports them
	Limit   string // what limits it
}

func (e *BufferError) Error() string {
	return fmt.Sprintf("%s: asked for %d bytes, the kernel grants %d (%s limits it)", e.Option, e.Asked, e.Granted, e.Limit)
}

// CongestionControlError says that the kernel refuses a congestion control.
type CongestionControlError struct {
	Name      string
	Available []string // what there is, if known
	Err       error
}

func (e *CongestionControlError) Error() string {
	text := fmt.Sprintf("congestion control %q: %v", e.Name, e.Err)
	if len(e.Available) > 0 {
		text += "; available: " + strings.Join(e.Available, ", ")
	}
	return text
}
func (e *CongestionControlError) Unwrap() error { return e.Err }

// IsTemporary tells whether a listener that returned err can be expected to
// work again: descriptors or memory have run out, or the connection that was
// to be accepted is gone. Linux hands a new connection's pending network
// errors to accept(2), and its manual asks to treat them like EAGAIN.
func IsTemporary(err error) bool {
	for _, e := range []syscall.Errno{
		syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM,
		syscall.ECONNABORTED, syscall.ECONNRESET, syscall.EINTR, syscall.EAGAIN, syscall.EPERM,
		syscall.ENETDOWN, syscall.EPROTO, syscall.ENOPROTOOPT, syscall.EHOSTDOWN,
		syscall.EHOSTUNREACH, syscall.EOPNOTSUPP, syscall.ENETUNREACH,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
