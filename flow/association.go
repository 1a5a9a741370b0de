package flow

import (
	"netperfmeter/channels"
	"netperfmeter/stats"
)

// associationScalars are the last figures of an SCTP association, which its
// flows have in common.
func associationScalars(s *channels.State) []stats.NameValue {
	a := s.SCTP
	return []stats.NameValue{
		stats.Integer("SCTP Outgoing Streams", uint64(a.OutStreams)),
		stats.Integer("SCTP Incoming Streams", uint64(a.InStreams)),
		stats.Integer("SCTP Paths", uint64(len(s.Paths))),
		stats.Integer("SCTP Peer Window", uint64(a.PeerWindow)),
		stats.Integer("SCTP Sent Chunks", a.SentOrdered+a.SentUnordered),
		stats.Integer("SCTP Received Chunks", a.ReceivedOrdered+a.ReceivedUnordered),
		stats.Integer("SCTP Retransmitted Chunks", a.Retransmitted),
		stats.Integer("SCTP Duplicate Chunks", a.Duplicates),
		stats.Integer("SCTP Given Up By Kernel", a.GivenUp),
		stats.Integer("SCTP Given Up Unsent", a.GivenUpUnsent),
	}
}
