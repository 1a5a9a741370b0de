package wire_test

import (
	"encoding/binary"
	"errors"
	"os"

	"netperfmeter/wire"
)

// captured is a message as a capture has it: the packets are cut, so bytes may
// be less than length.
type captured struct {
	packet      int // number in the capture, from 1
	protocol    wire.Protocol
	fromPassive bool
	control     bool
	length      int
	bytes       []byte
}

func (c captured) whole() bool { return len(c.bytes) == c.length }

// readCapture reads the messages of a classic little-endian pcap file of
// Ethernet frames: enough for the two captures of the reference, no more.
func readCapture(file string, basePort int) ([]captured, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if len(b) < 24 || binary.LittleEndian.Uint32(b) != 0xa1b2c3d4 {
		return nil, errors.New("not a little-endian pcap file")
	}
	r := reassembly{base: basePort, streams: map[[2]int]*stream{}}
	b = b[24:]
	for packet := 1; len(b) >= 16; packet++ {
		n := int(binary.LittleEndian.Uint32(b[8:]))
		r.ethernet(packet, b[16:16+n])
		b = b[16+n:]
	}
	for _, s := range r.order {
		r.cut(s)
	}
	return r.messages, nil
}

type reassembly struct {
	base     int
	streams  map[[2]int]*stream
	order    []*stream
	messages []captured
}

// stream is one direction of a TCP connection: bytes, and which are known.
type stream struct {
	channel captured // what its messages have in common
	next    uint32
	bytes   []byte
	known   []bool
	packets []int // by offset of their first byte
	starts  []int
}

func (r *reassembly) ethernet(packet int, b []byte) {
	const ethernet, ipv4 = 14, 0x0800
	if binary.BigEndian.Uint16(b[12:]) != ipv4 {
		return
	}
	ip := b[ethernet:]
	header := int(ip[0]&15) * 4
	size := int(binary.BigEndian.Uint16(ip[2:])) - header
	b = ip[header:]
	b = b[:min(len(b), size)]
	source, destination := int(binary.BigEndian.Uint16(b)), int(binary.BigEndian.Uint16(b[2:]))
	c := captured{
		packet:      packet,
		protocol:    wire.Protocol(ip[9]),
		fromPassive: source >= r.base-1 && source <= r.base+1,
	}
	port := destination
	if c.fromPassive {
		port = source
	}
	c.control = port == r.base+1
	switch c.protocol {
	case wire.TCP:
		if port == r.base-1 {
			c.protocol = wire.MPTCP
		}
		r.tcp(c, source, destination, b, size)
	case wire.UDP:
		r.datagram(c, b[8:], size-8)
	case wire.DCCP:
		offset := int(b[4]) * 4
		if kind := b[8] >> 1 & 15; kind == 2 || kind == 4 { // Data, DataAck
			r.datagram(c, b[offset:], size-offset)
		}
	case wire.SCTP:
		r.sctp(c, b[12:])
	}
}

func (r *reassembly) datagram(c captured, b []byte, size int) {
	c.bytes, c.length = b, size
	r.messages = append(r.messages, c)
}

// sctp takes the DATA chunks that hold a whole message.
func (r *reassembly) sctp(c captured, b []byte) {
	const data, chunkHeader, beginAndEnd = 0, 16, 3
	for len(b) >= chunkHeader {
		size := int(binary.BigEndian.Uint16(b[2:]))
		chunk := b[:min(len(b), size)]
		if b[0] == data && b[1]&beginAndEnd == beginAndEnd && len(chunk) > chunkHeader {
			c.control = binary.BigEndian.Uint32(b[12:]) == wire.PPIDControl
			r.datagram(c, chunk[chunkHeader:], size-chunkHeader)
		}
		b = b[min(len(b), (size+3)/4*4):]
	}
}

func (r *reassembly) tcp(c captured, source, destination int, b []byte, size int) {
	const syn = 2
	sequence := binary.BigEndian.Uint32(b[4:])
	offset := int(b[12]>>4) * 4
	s := r.streams[[2]int{source, destination}]
	if b[13]&syn != 0 {
		s = &stream{channel: c, next: sequence + 1}
		r.streams[[2]int{source, destination}] = s
		r.order = append(r.order, s)
		return
	}
	if size == offset || sequence != s.next { // nothing in it, or sent again
		return
	}
	s.next += uint32(size - offset)
	s.starts = append(s.starts, len(s.bytes))
	s.packets = append(s.packets, c.packet)
	missing := size - len(b)
	s.bytes = append(append(s.bytes, b[offset:]...), make([]byte, missing)...)
	for range b[offset:] {
		s.known = append(s.known, true)
	}
	s.known = append(s.known, make([]bool, missing)...)
}

// cut cuts a stream into messages. Where a header is in a part of a segment
// that was not captured, it goes on with the next segment that starts with a
// message of the same flow.
func (r *reassembly) cut(s *stream) {
	at := 0
	for segment, start := range s.starts {
		end := len(s.bytes)
		if segment+1 < len(s.starts) {
			end = s.starts[segment+1]
		}
		if at > start || !s.begins(start) {
			continue
		}
		for at = start; at+wire.HeaderSize <= end && s.known[at+wire.HeaderSize-1]; {
			m := s.channel
			m.packet = s.packets[segment]
			m.length = int(binary.BigEndian.Uint16(s.bytes[at+2:]))
			known := at
			for known < len(s.bytes) && known < at+m.length && s.known[known] {
				known++
			}
			m.bytes = s.bytes[at:known]
			r.messages = append(r.messages, m)
			at += max(m.length, wire.HeaderSize)
		}
	}
}

// begins tells whether a message can begin at an offset: a control message, or
// one that names the flow that the stream's first message names.
func (s *stream) begins(at int) bool {
	const flowID, flowIDEnd = 4, 8
	if len(s.bytes)-at < flowIDEnd || !s.known[at+flowIDEnd-1] || s.bytes[at] > byte(wire.TypeResults) {
		return false
	}
	return s.channel.control || string(s.bytes[at+flowID:at+flowIDEnd]) == string(s.bytes[flowID:flowIDEnd])
}
