package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The levels that slog has no name for.
const (
	levelTrace = slog.LevelDebug - 4
	levelFatal = slog.LevelError + 4
)

// lineHandler is a slog.Handler for human readers: a line is time, level,
// text, and attributes as name=value.
type lineHandler struct {
	mu     *sync.Mutex // guards out, shared by all handlers made from one
	out    io.Writer
	level  slog.Level
	color  bool
	layout string // of the time
	prefix string // attributes set with WithAttrs, formatted
	group  string
}

// Layouts of the time: a terminal needs no date, a file does.
const (
	timeOnly    = "15:04:05.000"
	dateAndTime = "2006-01-02 15:04:05.000"
)

func newLineHandler(out io.Writer, level slog.Level, color bool, layout string) *lineHandler {
	return &lineHandler{mu: &sync.Mutex{}, out: out, level: level, color: color, layout: layout}
}

func (h *lineHandler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level }

func (h *lineHandler) Handle(_ context.Context, record slog.Record) error {
	var line strings.Builder
	at := record.Time
	if at.IsZero() {
		at = time.Now()
	}
	line.WriteString(at.Format(h.layout))
	word, color := levelWord(record.Level)
	if h.color && color != "" {
		fmt.Fprintf(&line, " %s%-7s\x1b[0m ", color, word)
	} else {
		fmt.Fprintf(&line, " %-7s ", word)
	}
	line.WriteString(printable(record.Message))
	line.WriteString(h.prefix)
	record.Attrs(func(a slog.Attr) bool {
		writeAttr(&line, h.group, a)
		return true
	})
	line.WriteByte('\n')
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := io.WriteString(h.out, line.String())
	return err
}

// WithAttrs gives a handler that adds attributes to every line.
func (h *lineHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	var text strings.Builder
	for _, a := range attrs {
		writeAttr(&text, h.group, a)
	}
	other := *h
	other.prefix += text.String()
	return &other
}

// WithGroup gives a handler that puts a name before those of attributes.
func (h *lineHandler) WithGroup(name string) slog.Handler {
	other := *h
	if name != "" {
		other.group += name + "."
	}
	return &other
}

func writeAttr(line *strings.Builder, group string, a slog.Attr) {
	value := a.Value.Resolve()
	if a.Equal(slog.Attr{}) {
		return
	}
	if value.Kind() == slog.KindGroup {
		if a.Key != "" {
			group += a.Key + "."
		}
		for _, inner := range value.Group() {
			writeAttr(line, group, inner)
		}
		return
	}
	text := value.String()
	if text == "" || strings.ContainsAny(text, " \"=") || printable(text) != text {
		text = strconv.Quote(text)
	}
	fmt.Fprintf(line, " %s%s=%s", group, a.Key, text)
}

// printable escapes what could control a terminal: texts may come from peers.
func printable(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }) < 0 {
		return text
	}
	quoted := strconv.Quote(text)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// levelWord gives a level's name and its colour on terminals.
func levelWord(level slog.Level) (word, color string) {
	switch {
	case level < slog.LevelDebug:
		return "trace", "\x1b[2m"
	case level < slog.LevelInfo:
		return "debug", "\x1b[2m"
	case level < slog.LevelWarn:
		return "info", ""
	case level < slog.LevelError:
		return "warning", "\x1b[33m"
	case level < levelFatal:
		return "error", "\x1b[31m"
	}
	return "fatal", "\x1b[1;31m"
}
