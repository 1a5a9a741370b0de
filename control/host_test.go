package control

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestParseVersion(t *testing.T) {
	body, err := json.Marshal(Host{Program: Program, Version: "1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	if version, err := ParseVersion(body); version != "1.2.3" || err != nil {
		t.Errorf("%q, %v", version, err)
	}
	for text, ok := range map[string]bool{
		"{}": true, `{"version": 3}`: false, "": false,
		`{"version": "` + strings.Repeat("x", maxText) + `"}`:   true,
		`{"version": "` + strings.Repeat("x", maxText+1) + `"}`: false,
	} {
		if version, err := ParseVersion([]byte(text)); (err == nil) != ok {
			t.Errorf("%.40s: %q, %v", text, version, err)
		}
	}
}

func FuzzParseVersion(f *testing.F) {
	f.Add([]byte(`{"program":"netperfmeter","version":"0.1.0"}`))
	f.Add([]byte(`{}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if version, err := ParseVersion(body); len(version) > maxText && err == nil {
			t.Errorf("a version of %d bytes", len(version))
		}
	})
}
