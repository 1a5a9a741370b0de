package main

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestLog(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(newLineHandler(&out, slog.LevelInfo, false, "TIME"))
	log.Debug("not there")
	log.Info("flow added", "flow", 3, "peer", "10.0.0.1:9")
	log.With("side", "passive").Warn("odd", "reason", errors.New(`it said "no"`), "empty", "")
	log.WithGroup("a").Error("x", "b", "c\nd", slog.Group("g", "h", true))
	log.Log(t.Context(), levelFatal, "line\nbreak \x1b[2J")
	want := `TIME info    flow added flow=3 peer=10.0.0.1:9
TIME warning odd side=passive reason="it said \"no\"" empty=""
TIME error   x a.b="c\nd" a.g.h=true
TIME fatal   line\nbreak \x1b[2J
`
	if out.String() != want {
		t.Errorf("got\n%s\nnot\n%s", out.String(), want)
	}
}

func TestLogColor(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(newLineHandler(&out, levelTrace, true, "TIME"))
	log.Warn("yellow")
	log.Info("plain")
	log.Log(t.Context(), levelTrace, "grey")
	want := "TIME \x1b[33mwarning\x1b[0m yellow\nTIME info    plain\nTIME \x1b[2mtrace  \x1b[0m grey\n"
	if out.String() != want {
		t.Errorf("got %q", out.String())
	}
}

func TestLogLevels(t *testing.T) {
	for i, text := range strings.Fields("0 1 2 3 4 5") {
		line := parsed(t, "h -t default -loglevel="+text)
		word, _ := levelWord(line.logLevel)
		if want := strings.Fields("trace debug info warning error fatal")[i]; word != want {
			t.Errorf("-loglevel=%s is %s", text, word)
		}
	}
	if line := parsed(t, "h -t default"); line.logLevel != slog.LevelInfo {
		t.Error("the default level is not info")
	}
	if line := parsed(t, "h -t default -q -!"); line.logLevel != levelTrace {
		t.Error("the last of -q and -! does not count")
	}
}
