package channels

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"

	"golang.org/x/sys/unix"
)

// What include/uapi/linux/mptcp_pm.h calls MPTCP_PM_...
const (
	pmFamily = "mptcp_pm"

	pmGetAddr   = 3 // commands
	pmGetLimits = 6

	pmAttrAddr          = 1 // attributes of an answer
	pmAttrAcceptedAddrs = 2
	pmAttrSubflows      = 3

	pmAddrID    = 2 // attributes of an address
	pmAddr4     = 3
	pmAddr6     = 4
	pmAddrPort  = 5
	pmAddrFlags = 6
	pmAddrIndex = 7
)

// pmFlags are the flags of an endpoint from bit 0 on, as ip-mptcp(8) writes
// them.
var pmFlags = [...]string{"signal", "subflow", "backup", "fullmesh", "implicit", "laminar"}

// readPathManager asks for endpoints and limits. It leaves them out where the
// kernel does not tell: some versions tell only the administrator.
func readPathManager(m *MPTCPEnvironment) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_GENERIC)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	// The kernel answers at once; this is for one that would not.
	if unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 2}) != nil {
		return
	}
	family, err := pathManagerFamily(fd)
	if err != nil {
		return
	}
	if answer, err := askKernel(fd, family, pmGetLimits, 0, nil); err == nil {
		for _, message := range answer {
			_ = m.takeLimits(message)
		}
	}
	if answer, err := askKernel(fd, family, pmGetAddr, unix.NLM_F_DUMP, nil); err == nil {
		for _, message := range answer {
			if e, err := parseEndpoint(message); err == nil {
				m.Endpoints = append(m.Endpoints, e)
			}
		}
	}
}

// pathManagerFamily asks for the number of the family, which the kernel gives
// out as it starts.
func pathManagerFamily(fd int) (uint16, error) {
	name := appendAttribute(nil, unix.CTRL_ATTR_FAMILY_NAME, append([]byte(pmFamily), 0))
	answer, err := askKernel(fd, unix.GENL_ID_CTRL, unix.CTRL_CMD_GETFAMILY, 0, name)
	if err != nil {
		return 0, err
	}
	for _, message := range answer {
		list, err := parseAttributes(message)
		if err != nil {
			return 0, err
		}
		for _, a := range list {
			if a.kind == unix.CTRL_ATTR_FAMILY_ID && len(a.value) >= 2 {
				return binary.NativeEndian.Uint16(a.value), nil
			}
		}
	}
	return 0, fmt.Errorf("%w: no number of %s", errNetlink, pmFamily)
}

// takeLimits reads the answer to pmGetLimits.
func (m *MPTCPEnvironment) takeLimits(message []byte) error {
	list, err := parseAttributes(message)
	for _, a := range list {
		switch k := kernelStruct(a.value); a.kind {
		case pmAttrSubflows:
			m.Subflows = k.u32(0)
		case pmAttrAcceptedAddrs:
			m.AddAddrAccepted = k.u32(0)
		}
	}
	return err
}

// parseEndpoint reads one message of the answer to pmGetAddr.
func parseEndpoint(message []byte) (Endpoint, error) {
	outer, err := parseAttributes(message)
	if err != nil {
		return Endpoint{}, err
	}
	for _, o := range outer {
		if o.kind != pmAttrAddr {
			continue
		}
		list, err := parseAttributes(o.value)
		if err != nil {
			return Endpoint{}, err
		}
		return endpoint(list), nil
	}
	return Endpoint{}, fmt.Errorf("%w: no address", errNetlink)
}

func endpoint(list []attribute) Endpoint {
	var e Endpoint
	var address netip.Addr
	var port uint16
	for _, a := range list {
		k := kernelStruct(a.value)
		switch {
		case a.kind == pmAddrID:
			e.ID = k.u8(0)
		case a.kind == pmAddr4 && len(a.value) >= 4:
			address = netip.AddrFrom4([4]byte(a.value[:4]))
		case a.kind == pmAddr6 && len(a.value) >= 16:
			address = netip.AddrFrom16([16]byte(a.value[:16]))
		case a.kind == pmAddrPort && len(a.value) >= 2:
			port = binary.NativeEndian.Uint16(a.value)
		case a.kind == pmAddrFlags:
			e.Flags = endpointFlags(k.u32(0))
		case a.kind == pmAddrIndex:
			if index := k.u32(0); index != 0 {
				e.Interface = zoneName(index)
			}
		}
	}
	e.Address = address.String()
	if port != 0 {
		e.Address = net.JoinHostPort(address.String(), fmt.Sprint(port))
	}
	return e
}

func endpointFlags(bits uint32) []string {
	var names []string
	for i, name := range pmFlags {
		if bits&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}
