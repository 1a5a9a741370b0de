package relay

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
)

// kindEnd is where the fields end that tell what a control message is, the kind
// of an extension included; no message of a passive side is shorter, but for an
// empty piece of a file.
const kindEnd = 6

// copyControl passes the passive side's control messages on until it is to be
// silent.
func (r *Relay) copyControl(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	reader := bufio.NewReader(from)
	for {
		header, err := reader.Peek(4)
		if err != nil {
			return
		}
		length := max(int(binary.BigEndian.Uint16(header[2:])), len(header))
		begin, err := reader.Peek(min(length, kindEnd))
		if err != nil {
			return
		}
		if r.cfg.Silent != nil && r.cfg.Silent(begin) {
			io.Copy(io.Discard, reader)
			return
		}
		if _, err := io.CopyN(to, reader, int64(length)); err != nil {
			return
		}
	}
}
