package channels

import "time"

// lifelineMaxRTO is the longest time between two retransmissions of a control
// association. With the system's, a minute, a path would be tried again long
// after it is back, and the time limit would be a matter of one try.
const lifelineMaxRTO = 5 * time.Second

// systemsMaxRTO is that of other associations, as Linux comes (net.sctp.rto_max).
const systemsMaxRTO = time.Minute

// lifelineRetransmissions is how many tries may fail in a row, of which six go by
// on each path while it is about to fail: retransmissions after 1, 2 and 4 s and
// so on up to the longest time, and heartbeats beside them. Then there are the
// retransmissions, and a heartbeat on each path in its interval (seen on Linux
// 6.1). This is for two paths, so that the time is not over too soon there; one
// alone takes longer: a control association 48 s with a limit of 5.
func lifelineRetransmissions(limit, maxRTO time.Duration) uint16 {
	const paths = 2
	return uint16(6*paths + limit/maxRTO + paths*limit/(heartbeat+maxRTO))
}

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

// setSCTPLifeline makes the control associations that a socket is going to have
// break when the peer's host has gone. Once they are there it is too late: for one with
// several paths Linux accepts no more tries than its paths have together, and to
// give those more would hold up failover. What the system refuses of it is left.
func setSCTPLifeline(fd int, limit time.Duration) {
	_ = setSCTP(fd, sctpRTOInfo, &rtoInfo{most: uint32(lifelineMaxRTO.Milliseconds())})
	setSCTPTries(fd, limit, lifelineMaxRTO)
}

// setSCTPTries keeps the associations that a socket is going to have from
// breaking before the limit; with the ten tries that Linux has it was seen within 80 s.
func setSCTPTries(fd int, limit, maxRTO time.Duration) {
	_ = setSCTP(fd, sctpAssocInfo, &assocParams{retransmissions: lifelineRetransmissions(limit, maxRTO)})
}
