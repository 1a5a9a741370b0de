package control

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"netperfmeter/sys"
	"netperfmeter/wire"
)

// Key is a secret that both sides know.
type Key []byte

// The length of a key in bytes.
const (
	MinKey = 16
	MaxKey = 4096
)

// nonceSize is the length of a nonce in bytes: random ones do not repeat.
const nonceSize = 32

// ErrKey says that a side could not prove that it knows the key.
var ErrKey = errors.New("key not proven")

// ReadKey reads a key file: all of its bytes, but for line ends at its end.
// Others must not be able to read it; a group may, as access control lists
// show up as one.
func ReadKey(path string) (Key, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if sys.OpenToOthers(info) {
		return nil, fmt.Errorf("key file %s: its mode %v lets others read or change it; expected none of that (chmod o-rwx)", path, info.Mode().Perm())
	}
	key, err := io.ReadAll(io.LimitReader(file, MaxKey+3)) // and a line end, and one byte too many
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	key = bytes.TrimRight(key, "\r\n")
	if len(key) < MinKey || len(key) > MaxKey {
		return nil, fmt.Errorf("key file %s: %d bytes without line ends, expected %d to %d (for instance: head -c 32 /dev/urandom | base64)",
			path, len(key), MinKey, MaxKey)
	}
	return key, nil
}

// KeyProof is the body of a Key extension, both ways.
type KeyProof struct {
	Nonce    []byte `json:"nonce,omitempty"`
	Proof    []byte `json:"proof,omitempty"`
	Required bool   `json:"required,omitempty"`
}

// The roles are a part of what is proven: nobody can send a proof back to
// whom it came from.
const (
	activeRole  = "netperfmeter key 1 active\x00"
	passiveRole = "netperfmeter key 1 passive\x00"
)

// prove makes the proof of a role for one exchange: all that varies has a
// fixed length, so that no two exchanges have the same text.
func (k Key) prove(role string, id wire.MeasurementID, activeNonce, passiveNonce []byte) []byte {
	mac := hmac.New(sha256.New, k)
	io.WriteString(mac, role)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(id)))
	mac.Write(activeNonce)
	mac.Write(passiveNonce)
	return mac.Sum(nil)
}

func newNonce() []byte {
	nonce := make([]byte, nonceSize)
	rand.Read(nonce) // never fails (its documentation)
	return nonce
}

// Challenge is the passive side's part of an exchange about one measurement.
// The zero value waits for the active side's nonce.
type Challenge struct {
	Proven          bool // the active side knows the key
	active, passive []byte
}

// Answer takes what the active side has told and returns what answers it: a
// nonce to a nonce, a proof to a proof. An error with ErrKey ends the
// exchange; a program that guesses has to begin a new connection.
func (c *Challenge) Answer(key Key, id wire.MeasurementID, body []byte) (KeyProof, error) {
	var told KeyProof
	if err := json.Unmarshal(body, &told); err != nil {
		return KeyProof{}, fmt.Errorf("%w: %w", ErrKey, err)
	}
	switch {
	case key == nil:
		return KeyProof{}, errors.New("this side has no key")
	case c.Proven:
		return KeyProof{}, errors.New("the key has been proven already")
	case c.active == nil && len(told.Nonce) == nonceSize && told.Proof == nil:
		c.active, c.passive = told.Nonce, newNonce()
		return KeyProof{Nonce: c.passive}, nil
	case c.active == nil:
		return KeyProof{}, fmt.Errorf("%w: expected a nonce of %d bytes", ErrKey, nonceSize)
	case !hmac.Equal(told.Proof, key.prove(activeRole, id, c.active, c.passive)):
		return KeyProof{}, fmt.Errorf("%w: wrong proof", ErrKey)
	}
	c.Proven = true
	return KeyProof{Proof: key.prove(passiveRole, id, c.active, c.passive)}, nil
}

// KeyRequired asks a passive side of ours whether it wants a key.
func (c *Client) KeyRequired(ctx context.Context) bool {
	var answer KeyProof
	return c.Ask(ctx, wire.KindKey, &answer) == nil && answer.Required
}

// Prove proves to a passive side of ours that this side knows the key, and has
// it prove the same. ErrRefused: it does not take this side's proof, or has no
// key. ErrKey: it has not proven anything itself.
func (c *Client) Prove(ctx context.Context, key Key) error {
	active := newNonce()
	var challenge, proof KeyProof
	if err := c.tellKey(ctx, KeyProof{Nonce: active}, &challenge); err != nil {
		return err
	}
	if len(challenge.Nonce) != nonceSize {
		return fmt.Errorf("%w: the passive side's nonce has %d bytes, expected %d", ErrKey, len(challenge.Nonce), nonceSize)
	}
	err := c.tellKey(ctx, KeyProof{Proof: key.prove(activeRole, c.measurement, active, challenge.Nonce)}, &proof)
	if err != nil {
		return err
	}
	if !hmac.Equal(proof.Proof, key.prove(passiveRole, c.measurement, active, challenge.Nonce)) {
		return fmt.Errorf("%w: the passive side does not know the key", ErrKey)
	}
	return nil
}

func (c *Client) tellKey(ctx context.Context, told KeyProof, out *KeyProof) error {
	text, err := json.Marshal(told)
	if err != nil {
		return err
	}
	answer, err := c.exchange(ctx, wire.KindKey, text)
	if err != nil {
		return err
	}
	if answer.Kind != wire.KindKey {
		if err := answer.accepted(wire.KindKey); err != nil {
			return err
		}
		return fmt.Errorf("%w: the passive side says okay without a proof", ErrKey)
	}
	if err := json.Unmarshal(answer.Body, out); err != nil {
		return fmt.Errorf("%w: %v: %w", ErrProtocol, wire.KindKey, err)
	}
	return nil
}
