package channels

import (
	"syscall"
	"time"
)

// Limits of a control association's retransmissions. With the system's (ten, up
// to a minute apart) a peer that was unplugged would be there for minutes. With
// these what is under way is given up after 17 s, seen on Linux 6.1: a path that
// has failed is probed by heartbeats beside the retransmissions, and both count.
// Where nothing is under way, heartbeats have to fail.
const (
	lifelineRetransmissions = 6
	lifelineMaxRTO          = 5 * time.Second
)

// rtoInfo is struct sctp_rtoinfo; 0 leaves what is set.
type rtoInfo struct {
	_    [2]uint32 // which association, the initial one
	most uint32    // ms
	_    uint32    // the lowest
}

// assocParams is struct sctp_assocparams; 0 leaves what is set.
type assocParams struct {
	_               uint32 // which association
	retransmissions uint16
	_               uint16
	_               [3]uint32 // windows, life of cookies
}

// setSCTPLifeline makes a control association break when the peer's host has
// gone. What the system refuses of it is left.
func setSCTPLifeline(raw syscall.RawConn) {
	_ = control(raw, func(fd int) error {
		if err := setSCTP(fd, sctpRTOInfo, &rtoInfo{most: uint32(lifelineMaxRTO.Milliseconds())}); err != nil {
			return err
		}
		return setSCTP(fd, sctpAssocInfo, &assocParams{retransmissions: lifelineRetransmissions})
	})
}
