package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/netip"
	"testing"
	"time"
)

// TestLogJSON: each line is an object whose values are numbers, or the text
// that the other format has.
func TestLogJSON(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(newJSONHandler(&out, levelTrace)).With("peer", netip.MustParseAddrPort("[::1]:9"))
	log.Log(context.Background(), levelTrace, "a \"b\"\n", "flow", 7, "reason", errors.New("no\nroom"), "step", 1500*time.Millisecond, "ok", true)
	log.Log(context.Background(), levelFatal, "end")
	want := []map[string]any{
		{"level": "trace", "msg": "a \"b\"\n", "peer": "[::1]:9", "flow": 7.0, "reason": "no\nroom", "step": "1.5s", "ok": true},
		{"level": "fatal", "msg": "end", "peer": "[::1]:9"},
	}
	lines := bytes.Split(bytes.TrimSuffix(out.Bytes(), []byte("\n")), []byte("\n"))
	if len(lines) != len(want) {
		t.Fatalf("%d lines:\n%s", len(lines), out.Bytes())
	}
	for i, line := range lines {
		var got map[string]any
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if _, err := time.Parse(time.RFC3339Nano, got["time"].(string)); err != nil {
			t.Error(err)
		}
		for name, value := range want[i] {
			if got[name] != value {
				t.Errorf("%s is %v, want %v", name, got[name], value)
			}
		}
		if len(got) != len(want[i])+1 {
			t.Errorf("%s", line)
		}
	}
}
