package main

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// newJSONHandler writes a JSON object in each line, with the members time,
// level, msg, and the attributes.
func newJSONHandler(out io.Writer, level slog.Level) slog.Handler {
	return slog.NewJSONHandler(out, &slog.HandlerOptions{Level: level, ReplaceAttr: jsonAttr})
}

// jsonAttr writes levels in this program's words, and values that are neither
// numbers nor truth values as the text that they have in the other format.
func jsonAttr(groups []string, a slog.Attr) slog.Attr {
	if level, ok := a.Value.Any().(slog.Level); ok && len(groups) == 0 && a.Key == slog.LevelKey {
		word, _ := levelWord(level)
		return slog.String(a.Key, strings.TrimSpace(word))
	}
	switch a.Value.Kind() {
	case slog.KindDuration, slog.KindAny:
		return slog.String(a.Key, fmt.Sprint(a.Value.Any()))
	}
	return a
}
