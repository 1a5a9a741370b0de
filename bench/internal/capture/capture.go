//go:build linux

// Package capture takes the moments at which packets were handed to loopback, from
// the kernel, and says how evenly they follow one another.
//
// A Capture owns a ring that it shares with the kernel and one goroutine that reads
// it a few times a second, so that capturing takes next to nothing from what is
// measured.
package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	blockSize  = 1 << 20
	blockCount = 32 // about 180,000 packets
	retireMs   = 100
	snapLength = 96
	overhead   = 14 + 20 + 8 // Ethernet, IPv4 and UDP headers
)

// Packet is one packet as it was sent.
type Packet struct {
	Time   int64 // ns since the epoch
	Length int   // UDP payload in bytes; more than a datagram's if offloaded
}

// Capture is a running capture.
type Capture struct {
	fd      int
	ring    []byte
	stop    atomic.Bool
	done    chan error
	packets []Packet // owned by the goroutine until done
}

// Start captures UDP over IPv4 that is sent on loopback to a port. It needs
// CAP_NET_RAW in this network namespace.
func Start(port uint16) (*Capture, error) {
	// Protocol 0: nothing arrives until ring and filter are there.
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("opening a packet socket: %w", err)
	}
	c := &Capture{fd: fd, done: make(chan error, 1)}
	if err := c.prepare(port); err != nil {
		return nil, errors.Join(err, c.close())
	}
	go func() { c.done <- c.read() }()
	return c, nil
}

// Stop ends the capture and returns the packets in order of time. Packets that the
// kernel had to drop are an error: without them no figure is right.
func (c *Capture) Stop() ([]Packet, error) {
	c.stop.Store(true)
	err := <-c.done
	statistics, e := unix.GetsockoptTpacketStatsV3(c.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	switch {
	case err != nil:
	case e != nil:
		err = fmt.Errorf("reading the capture's statistics: %w", e)
	case statistics.Drops > 0:
		err = fmt.Errorf("the capture lost %d packets", statistics.Drops)
	}
	return c.packets, errors.Join(err, c.close())
}

func (c *Capture) prepare(port uint16) error {
	if err := unix.SetsockoptInt(c.fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3); err != nil {
		return fmt.Errorf("choosing the capture's version: %w", err)
	}
	request := unix.TpacketReq3{
		Block_size:     blockSize,
		Block_nr:       blockCount,
		Frame_size:     2048,
		Frame_nr:       blockSize / 2048 * blockCount,
		Retire_blk_tov: retireMs,
	}
	if err := unix.SetsockoptTpacketReq3(c.fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &request); err != nil {
		return fmt.Errorf("making the capture's ring: %w", err)
	}
	filter := outgoingUDP(port)
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.SetsockoptSockFprog(c.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &program); err != nil {
		return fmt.Errorf("setting the capture's filter: %w", err)
	}
	ring, err := unix.Mmap(c.fd, 0, blockSize*blockCount, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("mapping the capture's ring: %w", err)
	}
	c.ring = ring
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(c.fd, unix.SIOCGIFINDEX, lo); err != nil {
		return fmt.Errorf("finding loopback: %w", err)
	}
	address := unix.SockaddrLinklayer{Protocol: networkOrder(unix.ETH_P_ALL), Ifindex: int(lo.Uint32())}
	if err := unix.Bind(c.fd, &address); err != nil {
		return fmt.Errorf("starting the capture: %w", err)
	}
	return nil
}

// outgoingUDP returns a classic BPF program that takes the first bytes of packets
// that are being sent (loopback shows each a second time, received), UDP over IPv4
// without options, to the port.
func outgoingUDP(port uint16) []unix.SockFilter {
	const (
		ld   = unix.BPF_LD | unix.BPF_ABS
		jeq  = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		ret  = unix.BPF_RET | unix.BPF_K
		kind = 0xfffff000 + 4 // SKF_AD_OFF + SKF_AD_PKTTYPE
	)
	return []unix.SockFilter{
		{Code: ld | unix.BPF_B, K: kind},
		{Code: jeq, Jf: 7, K: unix.PACKET_OUTGOING},
		{Code: ld | unix.BPF_H, K: 12},
		{Code: jeq, Jf: 5, K: unix.ETH_P_IP},
		{Code: ld | unix.BPF_B, K: 14 + 9},
		{Code: jeq, Jf: 3, K: unix.IPPROTO_UDP},
		{Code: ld | unix.BPF_H, K: 14 + 20 + 2},
		{Code: jeq, Jf: 1, K: uint32(port)},
		{Code: ret, K: snapLength},
		{Code: ret},
	}
}

// read empties the blocks in turn until stop, and once more after it.
func (c *Capture) read() error {
	poll := []unix.PollFd{{Fd: int32(c.fd), Events: unix.POLLIN}}
	for block := 0; ; {
		header := (*blockHeader)(unsafe.Pointer(&c.ring[block*blockSize]))
		if atomic.LoadUint32(&header.status)&unix.TP_STATUS_USER != 0 {
			c.take(c.ring[block*blockSize:(block+1)*blockSize], header)
			atomic.StoreUint32(&header.status, unix.TP_STATUS_KERNEL)
			block = (block + 1) % blockCount
			continue
		}
		last := c.stop.Load()
		// A block that is not full is handed over after retireMs.
		n, err := unix.Poll(poll, 2*retireMs)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("waiting for the capture: %w", err)
		}
		if last && n == 0 {
			return nil
		}
	}
}

// blockHeader is struct tpacket_block_desc up to the members used here.
type blockHeader struct {
	version, offset        uint32
	status, packets, first uint32
}

// take copies times and lengths out of a block. Offsets are those of struct
// tpacket3_hdr: to the next one, seconds, nanoseconds, captured length, length.
func (c *Capture) take(block []byte, header *blockHeader) {
	at := block[header.first:]
	for range header.packets {
		order := binary.NativeEndian
		c.packets = append(c.packets, Packet{
			Time:   int64(order.Uint32(at[4:]))*1e9 + int64(order.Uint32(at[8:])),
			Length: int(order.Uint32(at[16:])) - overhead,
		})
		at = at[order.Uint32(at):]
	}
}

func (c *Capture) close() error {
	var err error
	if c.ring != nil {
		err = unix.Munmap(c.ring)
	}
	return errors.Join(err, unix.Close(c.fd))
}

func networkOrder(v uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], v)
	return binary.NativeEndian.Uint16(b[:])
}
