package main

import (
	"io"
	"sync"
	"unicode/utf8"
)

// screen is where log lines and the live status meet: the status stays the
// last line of a terminal, and log lines appear above it. It is an io.Writer
// for whole lines. Any goroutine may use it.
type screen struct {
	mu      sync.Mutex // guards all below, and the order of output
	out     io.Writer
	width   func() int // of the terminal in columns; nil where there is none
	status  string     // what stands in the last line, "" for nothing
	newLine bool       // no terminal: every status is a line of its own
}

// eraseLine moves to the begin of the line and empties it.
const eraseLine = "\r\x1b[K"

// Write writes whole lines above the status.
func (s *screen) Write(lines []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status == "" {
		return s.out.Write(lines)
	}
	text := append([]byte(eraseLine), lines...)
	if _, err := s.out.Write(append(text, s.status...)); err != nil {
		return 0, err
	}
	return len(lines), nil
}

// show replaces the status. On a terminal it is cut to one line.
func (s *screen) show(status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.newLine {
		io.WriteString(s.out, status+"\n")
		return
	}
	// A full last column would make some terminals begin a new line.
	status = cut(status, s.width()-1)
	io.WriteString(s.out, eraseLine+status)
	s.status = status
}

// clear takes the status away.
func (s *screen) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status != "" {
		io.WriteString(s.out, eraseLine)
		s.status = ""
	}
}

// cut shortens a text to at most n characters.
func cut(text string, n int) string {
	if n < 0 {
		n = 0
	}
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n])
}
