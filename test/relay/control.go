package relay

import (
	"encoding/binary"
	"io"
	"net"
	"regexp"
	"strconv"
	"time"
)

// kindEnd is where the fields end that tell what a control message is, the kind
// of an extension included.
const kindEnd = 6

// copyControl passes a control channel's messages on in one direction, until
// the passive side is to be silent.
func (r *Relay) copyControl(to, from net.Conn, outgoing bool) {
	defer to.Close()
	defer from.Close()
	delay := r.cfg.ControlDelay.In
	if outgoing {
		delay = r.cfg.ControlDelay.Out
	}
	header := make([]byte, 4)
	for {
		if _, err := io.ReadFull(from, header); err != nil {
			return
		}
		rest := int(binary.BigEndian.Uint16(header[2:])) - len(header)
		if rest < 0 {
			return
		}
		message := append([]byte(nil), header...)
		message = append(message, make([]byte, rest)...)
		if _, err := io.ReadFull(from, message[len(header):]); err != nil {
			return
		}
		if !outgoing && r.cfg.Silent != nil && r.cfg.Silent(message[:min(len(message), kindEnd)]) {
			io.Copy(io.Discard, from)
			return
		}
		time.Sleep(delay)
		if !outgoing && r.cfg.Ahead != nil {
			message = r.shiftAnswer(message)
		}
		if _, err := to.Write(message); err != nil {
			return
		}
	}
}

// The numbers in an answer to a clock exchange, an EXTENSION of kind 6.
var clockReading = regexp.MustCompile(`("(?:received|answered)_ns":)(-?[0-9]+)`)

// shiftAnswer makes the clock in an answer look ahead.
func (r *Relay) shiftAnswer(message []byte) []byte {
	const extension, headerSize, clock = 0x10, 16, 6
	if message[0] != extension || len(message) < headerSize || binary.BigEndian.Uint16(message[4:]) != clock {
		return message
	}
	body := clockReading.ReplaceAllFunc(message[headerSize:], func(field []byte) []byte {
		part := clockReading.FindSubmatch(field)
		ns, err := strconv.ParseInt(string(part[2]), 10, 64)
		if err != nil {
			return field
		}
		return strconv.AppendInt(part[1], ns+int64(r.cfg.Ahead(time.Unix(0, ns))), 10)
	})
	shifted := append(append([]byte(nil), message[:headerSize]...), body...)
	binary.BigEndian.PutUint16(shifted[2:], uint16(len(shifted)))
	return shifted
}

// shiftStamp makes the passive side's clock look ahead in a DATA message: in
// the time stamp that it wrote, or in that which it holds its clock against.
func (r *Relay) shiftStamp(b []byte, outgoing bool) {
	if r.cfg.Ahead == nil || !isData(b) {
		return
	}
	shift := r.cfg.Ahead(time.Now()).Microseconds()
	if outgoing {
		shift = -shift
	}
	binary.BigEndian.PutUint64(b[40:], uint64(stampOf(b)+shift))
}
