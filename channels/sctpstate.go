package channels

// SCTPState is the kernel's account of an SCTP association as a whole. Chunks
// are of data; a message has one or several.
type SCTPState struct {
	State          string `json:"state"` // "established", "shutdown sent", ...
	OutStreams     uint16 `json:"out_streams"`
	InStreams      uint16 `json:"in_streams"`
	PeerWindow     uint32 `json:"peer_window"`    // bytes that the peer has announced room for
	Unacknowledged uint16 `json:"unacknowledged"` // chunks sent
	Pending        uint16 `json:"pending"`        // chunks received and not read

	SentOrdered       uint64 `json:"sent_ordered"`   // chunks
	SentUnordered     uint64 `json:"sent_unordered"` // chunks
	ReceivedOrdered   uint64 `json:"received_ordered"`
	ReceivedUnordered uint64 `json:"received_unordered"`
	Retransmitted     uint64 `json:"retransmitted"` // chunks
	Gaps              uint64 `json:"gaps"`          // acknowledgements with gaps received
	Duplicates        uint64 `json:"duplicates"`    // chunks received again
	OutOfOrder        uint64 `json:"out_of_order"`  // chunks received beyond what the association expected

	// GivenUp and GivenUpUnsent are what Linux counts as abandoned of unreliable
	// messages, after and before they were sent. It is not loss: with a limit of
	// 0 retransmissions it counts every message sent.
	GivenUp       uint64 `json:"given_up"`
	GivenUpUnsent uint64 `json:"given_up_unsent"`
}
