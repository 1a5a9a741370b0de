//go:build linux

package endtoend

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
)

// marked makes a measurement ID as a program of this project has it (PROTOCOL.md), so that EXTENSION is in play.
func marked(upper uint64) uint64 {
	upper &= 1<<48 - 1
	return upper<<16 | (upper+1)*0x9e3779b97f4a7c15>>48
}

// extension makes one part of an EXTENSION.
func (h hostile) extension(kind uint16, last bool, body []byte) []byte {
	flags := uint8(1 << 4)
	if last {
		flags |= 1
	}
	b := message(0x10, flags, 16+len(body))
	big.PutUint16(b[4:], kind)
	big.PutUint64(b[8:], h.measurement)
	copy(b[16:], body)
	return b
}

// walker is a hostile client that knows the protocol.
type walker struct {
	*rand.Rand
	hostile
}

// bodies are what extensions may say, right and wrong.
var bodies = []string{"", "{}", "[]", "{", "null", `{"seed":1}`, `{"interval_ms":-5}`, `{"flows":[{"flow":1,"rate":"poisson50"}]}`, `{"runtime_us":9e18}`,
	`{"flows":[{"flow":1,"bytes":18446744073709551615}]}`, `{"sent_ns":1}`, `{"sent_ns":-9223372036854775808,"offset_ns":9223372036854775807,"vectors":true}`,
	`{"first":-1}`, `{"first":4000000000}`, `{"flow":1,"stream":0,"offset":-1}`, `{"flow":1,"offset":9223372036854775807}`, `{"nonce":"AAAA"}`,
	`{"nonce":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}`, `{"proof":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}`}

// control makes a message for the control channel, of a kind that the protocol has; flows are 0 to 3.
func (w *walker) control() (name string, b []byte) {
	id := uint32(w.IntN(4))
	other := hostile{measurement: w.measurement ^ 1<<uint(w.IntN(64))}
	switch w.IntN(12) {
	case 0, 1:
		return "ADD_FLOW", w.addFlow(id, func(b []byte) []byte {
			binary.LittleEndian.PutUint16(b[18:], []uint16{6, 6, 17, 262, 132, 33, 261, 0}[w.IntN(8)])
			if w.IntN(2) == 0 {
				b = withEvents(b, w.IntN(4), []int{36, 40}[w.IntN(2)], nil)
			}
			return b
		})
	case 2:
		return "REMOVE_FLOW", w.removeFlow(id)
	case 3:
		return "START", w.start()
	case 4:
		return "START", noFiles(w.start())
	case 5:
		return "STOP", w.stop()
	case 6, 7:
		body := bodies[w.IntN(len(bodies))]
		return "EXTENSION", w.extension(uint16(w.IntN(11)), w.IntN(8) > 0, []byte(body))
	case 8:
		return "EXTENSION part", w.extension(uint16(w.IntN(11)), false, make([]byte, 16384))
	case 9:
		return "of another measurement", [][]byte{other.addFlow(id, nil), other.start(), other.stop(), other.removeFlow(id), other.extension(2, true, nil)}[w.IntN(5)]
	case 10:
		return "of a data channel", [][]byte{w.identify(id), w.data(id, 100), w.acknowledge(id), message(8, 1, 100)}[w.IntN(4)]
	}
	kind := uint8(w.IntN(256))
	return "of any type", message(kind, uint8(w.IntN(256)), 4+w.IntN(300))
}

// onData makes a message for a data channel.
func (w *walker) onData() (name string, b []byte) {
	id := uint32(w.IntN(4))
	switch w.IntN(6) {
	case 0, 1, 2:
		return "DATA", w.data(id, 48+w.IntN(2000))
	case 3:
		return "IDENTIFY_FLOW", w.identify(id)
	case 4:
		return w.control()
	}
	return "of any type", message(uint8(w.IntN(256)), uint8(w.IntN(256)), 4+w.IntN(300))
}

// mutate changes a message in one of the ways in which messages are wrong.
func (w *walker) mutate(b []byte) []byte {
	b = bytes.Clone(b)
	switch w.IntN(6) {
	case 0: // bits
		for range 1 + w.IntN(8) {
			b[w.IntN(len(b))] ^= 1 << w.IntN(8)
		}
	case 1: // a length that is not its own
		big.PutUint16(b[2:], uint16(w.IntN(65536)))
	case 2: // cut, with a length that is right again or not
		b = b[:w.IntN(len(b))]
		if len(b) >= 4 && w.IntN(2) == 0 {
			big.PutUint16(b[2:], uint16(len(b)))
		}
	case 3: // longer
		for range 1 + w.IntN(200) {
			b = append(b, uint8(w.IntN(256)))
		}
		if w.IntN(2) == 0 {
			big.PutUint16(b[2:], uint16(len(b)))
		}
	case 4: // a field at its ends
		at := w.IntN(len(b))
		for i := at; i < min(at+1<<w.IntN(4), len(b)); i++ {
			b[i] = []byte{0, 0xff, 0x7f, 0x80}[w.IntN(4)]
		}
	case 5: // another type
		b[0] = uint8(w.IntN(256))
	}
	return b
}
