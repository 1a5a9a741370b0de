package channels

import "golang.org/x/sys/unix"

// burstBuffer is the receive buffer, in bytes, of a UDP or DCCP socket for which
// none was asked: unlike those of streams it does not adapt itself, and the
// system's, often 208 KiB, overflows when the receiver has to wait a few
// milliseconds for a CPU. What gets lost then is not the network's loss. 8 MiB
// hold 10,000 datagrams, with what the kernel adds to small ones.
const burstBuffer = 8 << 20

// roomForBursts gives a socket of datagrams that buffer, or as much as the system
// permits: beyond net.core.rmem_max only with CAP_NET_ADMIN.
func roomForBursts(fd int, o Options) {
	if o.RcvBuf == 0 {
		growBuffer(fd, burstBuffer)
	}
}

// flowBuffer is what each flow adds to the room of a socket that receives for
// many, up to sharedBuffer: some 80 small datagrams. The threads that send wake
// at a raised priority, those that receive may have to wait for a busy CPU: a
// thousand flows of 50 datagrams/s fill 8 MiB in 0.2 s.
const (
	flowBuffer   = 64 << 10
	sharedBuffer = 64 << 20
)

// roomForFlows gives a socket room for the datagrams of so many flows.
func roomForFlows(fd, flows int) {
	size := min(flows*flowBuffer, sharedBuffer)
	if there, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF); err == nil && there/bufferFactor < size {
		growBuffer(fd, size)
	}
}

func growBuffer(fd, size int) {
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, size) != nil {
		// An error leaves the system's size, which is what was asked for.
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, size)
	}
}
