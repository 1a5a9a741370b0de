//go:build linux

package endtoend

import (
	"encoding/binary"
	"math"
)

// hostile writes messages byte by byte, so that every field can be wrong. Its
// layouts are those of the protocol's description and no one else's code.
type hostile struct {
	measurement uint64
}

var big = binary.BigEndian

// message makes one with a sound header.
func message(kind, flags uint8, length int) []byte {
	b := make([]byte, length)
	b[0], b[1] = kind, flags
	big.PutUint16(b[2:], uint16(length))
	return b
}

// addFlow makes a sound ADD_FLOW of a TCP flow that carries nothing; change
// may alter it.
func (h hostile) addFlow(id uint32, change func(b []byte) []byte) []byte {
	b := message(2, 0, 194)
	big.PutUint32(b[4:], id)
	big.PutUint64(b[8:], h.measurement)
	binary.LittleEndian.PutUint16(b[18:], 6)
	copy(b[20:52], "hostile")
	for _, at := range []int{52, 56, 60} {
		big.PutUint32(b[at:], math.MaxUint32)
	}
	big.PutUint16(b[138:], 16000)
	copy(b[160:176], "default")
	if change != nil {
		b = change(b)
	}
	return b
}

// withEvents appends on/off events of a size and corrects the length.
func withEvents(b []byte, count, size int, change func(event []byte)) []byte {
	for range count {
		event := make([]byte, size)
		big.PutUint64(event[size-32:], math.Float64bits(0.1))
		if change != nil {
			change(event)
		}
		b = append(b, event...)
	}
	big.PutUint16(b[192:], uint16(count))
	big.PutUint16(b[2:], uint16(len(b)))
	return b
}

func (h hostile) key(kind uint8, id uint32, length int) []byte {
	b := message(kind, 0, length)
	big.PutUint32(b[4:], id)
	big.PutUint64(b[8:], h.measurement)
	return b
}

func (h hostile) removeFlow(id uint32) []byte  { return h.key(3, id, 18) }
func (h hostile) start() []byte                { return h.key(6, 0, 16) }
func (h hostile) stop() []byte                 { return h.key(7, 0, 16) }
func (h hostile) acknowledge(id uint32) []byte { return h.key(1, id, 24) }

func (h hostile) identify(id uint32) []byte {
	b := message(4, 0, 26)
	big.PutUint32(b[4:], id)
	big.PutUint64(b[8:], 0x4bcdf3aa303c6774)
	big.PutUint64(b[16:], h.measurement)
	return b
}

// data makes a DATA message of a length.
func (h hostile) data(id uint32, length int) []byte {
	b := message(5, 3, max(length, 48))
	big.PutUint32(b[4:], id)
	big.PutUint64(b[8:], h.measurement)
	big.PutUint16(b[2:], uint16(length))
	return b[:length]
}
