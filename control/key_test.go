package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netperfmeter/wire"
)

func TestKeyFile(t *testing.T) {
	dir := t.TempDir()
	for _, row := range []struct {
		name, content string
		mode          fs.FileMode
		want          string // in the error, "": none
	}{
		{"shortest", strings.Repeat("k", MinKey), 0o600, ""},
		{"one line end", strings.Repeat("k", MinKey) + "\n", 0o400, ""},
		{"line ends of another system", strings.Repeat("k", MinKey) + "\r\n\r\n", 0o440, ""},
		{"blanks count", strings.Repeat(" ", MinKey), 0o600, ""},
		{"longest", strings.Repeat("k", MaxKey) + "\n", 0o600, ""},
		{"too short", strings.Repeat("k", MinKey-1) + "\n", 0o600, "15 bytes without line ends, expected 16 to 4096"},
		{"too long", strings.Repeat("k", MaxKey+1), 0o600, "4097 bytes without line ends, expected 16 to 4096"},
		{"empty", "", 0o600, "0 bytes"},
		{"readable by others", strings.Repeat("k", MinKey), 0o604, "mode -rw----r--"},
		{"writable by others", strings.Repeat("k", MinKey), 0o602, "mode -rw-----w-"},
	} {
		path := filepath.Join(dir, strings.ReplaceAll(row.name, " ", "-"))
		if err := os.WriteFile(path, []byte(row.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, row.mode); err != nil {
			t.Fatal(err)
		}
		key, err := ReadKey(path)
		switch {
		case row.want == "" && (err != nil || string(key) != strings.TrimRight(row.content, "\r\n")):
			t.Errorf("%s: %q, %v", row.name, key, err)
		case row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want) || !strings.Contains(err.Error(), path)):
			t.Errorf("%s: %v", row.name, err)
		}
	}
	if _, err := ReadKey(filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// keyed answers the Key extensions of a client until the channel ends.
func keyed(conn *Conn, answer func(body []byte) (KeyProof, error)) {
	var parts wire.ExtensionBody
	for {
		message, err := conn.Read()
		if err != nil {
			return
		}
		e, done, err := JoinExtension(&parts, message, id)
		if err != nil || !done {
			return
		}
		proof, err := answer(e.Body)
		if err != nil {
			conn.WriteExtension(1, wire.KindReply, id, Reply{Status: ReplyError, Kind: wire.KindKey, Reason: err.Error()})
			continue
		}
		conn.WriteExtension(1, wire.KindKey, id, proof)
	}
}

func TestProofs(t *testing.T) {
	right, wrong := Key("sixteen bytes or more"), Key("sixteen bytes or m0re")
	fixed := func(key Key) func([]byte) (KeyProof, error) {
		var c Challenge
		return func(body []byte) (KeyProof, error) { return c.Answer(key, id, body) }
	}
	// reflect sends back what it was sent: a nonce, then the client's own proof.
	reflect := func(body []byte) (told KeyProof, err error) { return told, json.Unmarshal(body, &told) }
	other := func(body []byte) (KeyProof, error) {
		var c Challenge
		c.Answer(right, id+1, body)
		return KeyProof{Nonce: c.passive}, nil
	}
	for _, row := range []struct {
		name   string
		key    Key
		answer func(body []byte) (KeyProof, error)
		want   error
	}{
		{"same key", right, fixed(right), nil},
		{"other key", right, fixed(wrong), ErrRefused},
		{"no key there", right, fixed(nil), ErrRefused},
		{"a mirror", right, reflect, ErrKey},
		{"no proof", right, other, ErrKey},
		{"a short nonce", right, func([]byte) (KeyProof, error) { return KeyProof{Nonce: []byte{1}}, nil }, ErrKey},
	} {
		a, b := net.Pipe()
		client := NewClient(NewConn(a, time.Minute), id)
		client.version = 1
		ended := make(chan struct{})
		go func() { keyed(NewConn(b, time.Minute), row.answer); close(ended) }()
		if err := client.Prove(context.Background(), row.key); !errors.Is(err, row.want) {
			t.Errorf("%s: %v instead of %v", row.name, err, row.want)
		}
		a.Close()
		<-ended
	}
}

// TestChallenge: what the passive side takes, and that a proof is good for one
// exchange of one measurement only.
func TestChallenge(t *testing.T) {
	key := Key("sixteen bytes or more")
	told := func(p KeyProof) []byte {
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	nonce := newNonce()
	begin := func() (c Challenge, passive []byte) {
		answer, err := c.Answer(key, id, told(KeyProof{Nonce: nonce}))
		if err != nil || len(answer.Nonce) != nonceSize || answer.Proof != nil || c.Proven {
			t.Fatalf("%+v, %v", answer, err)
		}
		return c, answer.Nonce
	}
	c, passive := begin()
	proof := key.prove(activeRole, id, nonce, passive)
	answer, err := c.Answer(key, id, told(KeyProof{Proof: proof}))
	if err != nil || !c.Proven || !bytes.Equal(answer.Proof, key.prove(passiveRole, id, nonce, passive)) {
		t.Fatalf("%+v, %v", answer, err)
	}
	if _, err := c.Answer(key, id, told(KeyProof{Proof: proof})); err == nil {
		t.Error("proven twice")
	}
	again, passive2 := begin()
	if bytes.Equal(passive, passive2) {
		t.Error("the same nonce twice")
	}
	for name, body := range map[string][]byte{
		"a replayed proof":       told(KeyProof{Proof: proof}),
		"of another measurement": told(KeyProof{Proof: key.prove(activeRole, id+1, nonce, passive2)}),
		"of the other role":      told(KeyProof{Proof: key.prove(passiveRole, id, nonce, passive2)}),
		"none":                   told(KeyProof{Nonce: nonce}),
		"cut":                    told(KeyProof{Proof: key.prove(activeRole, id, nonce, passive2)[:31]}),
		"no JSON":                []byte("{"),
	} {
		c := again
		if _, err := c.Answer(key, id, body); !errors.Is(err, ErrKey) || c.Proven {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, body := range map[string][]byte{
		"a proof first": told(KeyProof{Proof: proof}), "a short nonce": told(KeyProof{Nonce: nonce[:31]}), "nothing": []byte("{}"), "no JSON": {0},
	} {
		var c Challenge
		if _, err := c.Answer(key, id, body); !errors.Is(err, ErrKey) || c.active != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzChallenge(f *testing.F) {
	key := Key("sixteen bytes or more")
	f.Add([]byte(`{"nonce":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}`), []byte(`{"proof":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}`))
	f.Add([]byte(`{"required":true}`), []byte(`{`))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		var c Challenge
		c.Answer(key, id, first)
		c.Answer(key, id, second)
		if c.Proven {
			t.Error("proven without the key")
		}
	})
}
