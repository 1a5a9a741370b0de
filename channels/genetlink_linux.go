package channels

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// A compact generic netlink, for two questions to MPTCP's path manager: a
// library for it would be larger than all of its use here.

const (
	sizeNetlinkHeader = 16 // struct nlmsghdr
	sizeGenericHeader = 4  // struct genlmsghdr: command, version, reserved
	sizeAttribute     = 4  // struct nlattr: length, type
	// maxNetlinkAnswer is how much the kernel puts into one datagram at most
	// (NLMSG_GOODSIZE is a page, dumps go up to 32 KiB).
	maxNetlinkAnswer = 32 << 10
	// maxNetlinkReads bounds an answer's datagrams.
	maxNetlinkReads = 64
)

// errNetlink says that an answer of the kernel's was not understood.
var errNetlink = errors.New("netlink: answer not understood")

// attribute is one netlink attribute; its type is without the flags.
type attribute struct {
	kind  uint16
	value []byte
}

// parseAttributes cuts b into attributes. They are parts of b.
func parseAttributes(b []byte) ([]attribute, error) {
	var list []attribute
	for len(b) >= sizeAttribute {
		n := int(binary.NativeEndian.Uint16(b))
		if n < sizeAttribute || n > len(b) {
			return nil, fmt.Errorf("%w: attribute of %d bytes in %d", errNetlink, n, len(b))
		}
		list = append(list, attribute{binary.NativeEndian.Uint16(b[2:]) &^ (unix.NLA_F_NESTED | unix.NLA_F_NET_BYTEORDER), b[sizeAttribute:n]})
		b = b[min((n+3)&^3, len(b)):]
	}
	return list, nil
}

func appendAttribute(b []byte, kind uint16, value []byte) []byte {
	b = binary.NativeEndian.AppendUint16(b, uint16(sizeAttribute+len(value)))
	b = binary.NativeEndian.AppendUint16(b, kind)
	b = append(b, value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// parseAnswer appends the payloads of one datagram's messages, behind their
// generic headers, to list; done after the last one. An error of the kernel's
// is a unix.Errno.
func parseAnswer(list [][]byte, b []byte) (_ [][]byte, done bool, err error) {
	for len(b) >= sizeNetlinkHeader {
		n := int(binary.NativeEndian.Uint32(b))
		kind, flags := binary.NativeEndian.Uint16(b[4:]), binary.NativeEndian.Uint16(b[6:])
		if n < sizeNetlinkHeader || n > len(b) {
			return list, false, fmt.Errorf("%w: message of %d bytes in %d", errNetlink, n, len(b))
		}
		body := b[sizeNetlinkHeader:n]
		switch {
		case kind == unix.NLMSG_DONE:
			return list, true, nil
		case kind == unix.NLMSG_ERROR:
			if len(body) < 4 {
				return list, false, fmt.Errorf("%w: error of %d bytes", errNetlink, len(body))
			}
			if code := int32(binary.NativeEndian.Uint32(body)); code != 0 {
				return list, true, unix.Errno(-code)
			}
			return list, true, nil
		case len(body) < sizeGenericHeader:
			return list, false, fmt.Errorf("%w: message without a generic header", errNetlink)
		default:
			list = append(list, body[sizeGenericHeader:])
		}
		if flags&unix.NLM_F_MULTI == 0 {
			return list, true, nil
		}
		b = b[min((n+3)&^3, len(b)):]
	}
	return list, false, nil
}

// askKernel sends one request of a generic netlink family and returns the
// attributes of each message of the answer.
func askKernel(fd int, family uint16, command uint8, flags uint16, attributes []byte) ([][]byte, error) {
	b := make([]byte, sizeNetlinkHeader, sizeNetlinkHeader+sizeGenericHeader+len(attributes))
	b = append(b, command, 1, 0, 0)
	b = append(b, attributes...)
	binary.NativeEndian.PutUint32(b, uint32(len(b)))
	binary.NativeEndian.PutUint16(b[4:], family)
	binary.NativeEndian.PutUint16(b[6:], unix.NLM_F_REQUEST|flags)
	if err := unix.Sendto(fd, b, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, os.NewSyscallError("sendto", err)
	}
	var list [][]byte
	for range maxNetlinkReads {
		answer := make([]byte, maxNetlinkAnswer)
		n, _, err := unix.Recvfrom(fd, answer, 0)
		if err != nil {
			return nil, os.NewSyscallError("recvfrom", err)
		}
		var done bool
		if list, done, err = parseAnswer(list, answer[:n]); done || err != nil {
			return list, err
		}
	}
	return nil, fmt.Errorf("%w: more than %d datagrams", errNetlink, maxNetlinkReads)
}
