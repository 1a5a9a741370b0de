package passive

import (
	"errors"
	"log/slog"
	"sync"
	"time"
)

// attributes say in a log line why something was refused; of a limit they name
// it and its value.
func attributes(err error) []any {
	attrs := []any{"refusal", refusalOf(err), "reason", err}
	var limit *LimitError
	if errors.As(err, &limit) {
		attrs = append(attrs, "limit", limitTable[limit.Limit].Name, "value", limit.Value)
	}
	return attrs
}

// note counts a refusal and logs it.
func (s *Server) note(log *slog.Logger, text string, err error, attrs ...any) {
	s.counters.refused(refusalOf(err))
	s.refusals.warn(log, text, append(attrs, attributes(err)...))
}

// noteEnd notes that a connection was closed. An end of the peer's or the
// network's making, in the middle of something, is no refusal.
func (s *Server) noteEnd(log *slog.Logger, text string, err error, attrs ...any) {
	if refusalOf(err) == Other {
		s.refusals.warn(log, text, append(attrs, "reason", err))
		return
	}
	s.note(log, text, err, attrs...)
}

// noteFlood is note for what anyone can cause as often as they like, without a
// connection of their own.
func (s *Server) noteFlood(log *slog.Logger, text string, err error, attrs ...any) {
	s.counters.refused(refusalOf(err))
	s.floods.warn(log, text, append(attrs, attributes(err)...))
}

// So many lines at once and so many a second later are what a log takes: of
// what costs a client a connection, and of what costs a datagram.
const (
	refusalBurst = 5000
	refusalRate  = 20
	floodBurst   = 100
	floodRate    = 10
)

// floodGate is a token bucket for log lines.
type floodGate struct {
	burst, rate float64

	mu     sync.Mutex
	tokens float64
	last   time.Time
	left   int // lines that were not let through since the last one that was
}

// warn logs a line, if the log takes it.
func (g *floodGate) warn(log *slog.Logger, text string, attrs []any) {
	left, ok := g.allow(time.Now())
	if !ok {
		return
	}
	if left > 0 {
		attrs = append(attrs, "not_logged_before", left)
	}
	log.Warn(text, attrs...)
}

// allow tells whether a line may be logged, and how many were left out before.
func (g *floodGate) allow(now time.Time) (left int, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.last.IsZero() {
		g.tokens = g.burst
	} else {
		g.tokens = min(g.burst, g.tokens+now.Sub(g.last).Seconds()*g.rate)
	}
	g.last = now
	if g.tokens < 1 {
		g.left++
		return 0, false
	}
	g.tokens--
	left, g.left = g.left, 0
	return left, true
}
