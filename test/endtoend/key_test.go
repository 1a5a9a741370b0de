//go:build linux

package endtoend

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"netperfmeter/test/lab"
)

// keyFile writes a key for the test.
func keyFile(t *testing.T, key string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(key), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

const aKey = "a key that both sides know\n"

// TestKey: who knows the key measures, and nobody else.
func TestKey(t *testing.T) {
	key, other := keyFile(t, aKey, 0o600), keyFile(t, "a key that one side knows\n", 0o600)
	locked, open := guarded(t, "--key-file", key), guarded(t)
	flows := []string{"127.0.0.1", "-runtime=0.3", "-tcp", "const50:const100:const50:const100", "-udp", "const50:const100", "-mptcp", "const50:const100"}
	for _, row := range []struct {
		name   string
		v      *victims
		args   []string
		code   int
		active string // in the output
		log    []string
	}{
		{"both", locked, []string{"--key-file", key}, 0, "3 flows, measured for", []string{"the client has proven that it knows the key"}},
		{"another key", locked, []string{"--key-file", other}, 4, "does not know this key", []string{"wrong proof", "refusal=key"}},
		{"none here", locked, nil, 3, "it wants a key, see --key-file", []string{"client left", "refusal=key"}},
		{"none there", open, []string{"--key-file", key}, 4, "this side has no key", nil},
		{"none", open, nil, 0, "3 flows, measured for", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := row.v.n.Run(t, lab.Ours(t, append(flows, row.args...)...).In(t.TempDir()))
			if r.Code != row.code || !strings.Contains(r.Stdout+r.Stderr, row.active) {
				t.Errorf("%q is missing: %v", row.active, r)
			}
			if row.log != nil {
				row.v.said(t, row.log...)
			}
		})
	}
}

// TestKeyWanted: a client that cannot prove anything gets Status 1, whatever it asks for.
func TestKeyWanted(t *testing.T) {
	v := guarded(t, "--key-file", keyFile(t, aKey, 0o600))
	c := v.talk(t)
	c.expect("ADD_FLOW", c.addFlow(1, nil), refused)
	v.said(t, c.conn.LocalAddr().String(), "ADD_FLOW", "refusal=key")
	c.expect("START", c.start(), refused)
	c.expect("STOP", c.stop(), refused)
	c.expect("REMOVE_FLOW", c.removeFlow(1), refused)
	data := v.dial(t, "tcp", "127.0.0.1:9000")
	data.Write(c.identify(1))
	if got := answer(data, nil, patience); got != closed {
		t.Errorf("IDENTIFY_FLOW: %v", got)
	}
}

// TestKeyFileOfOthers: a key that anyone can read is none.
func TestKeyFileOfOthers(t *testing.T) {
	path := keyFile(t, aKey, 0o600)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"9000", "127.0.0.1"} {
		r := lab.Run(t, lab.Ours(t, target, "--key-file", path, "-tcp", "default"))
		if r.Code != 1 || !strings.Contains(r.Stderr, path) || !strings.Contains(r.Stderr, "lets others read") {
			t.Errorf("%v", r)
		}
	}
}
