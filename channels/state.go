package channels

// State is what the kernel says of a connection at one moment, and what a
// Follower has kept of the moments before. Points in time are microseconds
// since the epoch, durations microseconds, amounts bytes; the names are those
// of its JSON form (../wire/PROTOCOL.md). What the kernel does not tell is
// zero or missing.
type State struct {
	Time     int64  `json:"time"`     // when the kernel was asked; 0: never
	Protocol string `json:"protocol"` // in use, named as wire does: "TCP" after an MPTCP connection fell back
	// MPTCP is there if the connection was to be MPTCP, fallen back or not.
	MPTCP   *MPTCPState `json:"mptcp,omitempty"`
	SCTP    *SCTPState  `json:"sctp,omitempty"`
	Paths   []Path      `json:"paths,omitempty"` // subflows too; one for TCP; those that have ended keep their last figures
	Buffers Buffers     `json:"buffers"`
}

// MPTCPState is what is said of an MPTCP connection as a whole.
type MPTCPState struct {
	InUse bool `json:"in_use"` // false: fallen back to TCP
	// Plain says of an accepted connection that it came as plain TCP.
	Plain bool `json:"plain,omitempty"`
	// Asked says, of a plain one, that its SYN did carry MPTCP, and the answer
	// to the answer did not. The kernel counts these for the whole network
	// namespace: with several at once from different places it may be another's.
	Asked bool `json:"asked,omitempty"`
	// TCPSocket says that this end's socket was made as a TCP one, since its
	// host had MPTCP switched off then.
	TCPSocket bool `json:"tcp_socket,omitempty"`
	// FallbackAt is when the connection was first seen fallen back; Setup says
	// that it had never been seen as MPTCP before.
	FallbackAt int64 `json:"fallback_at,omitempty"`
	Setup      bool  `json:"setup,omitempty"`
	// ConnectTime is how long connecting took, 0 for accepted connections.
	ConnectTime int64 `json:"connect_time,omitempty"`

	Checksums     bool   `json:"checksums,omitempty"` // DSS checksums are in use
	Retransmits   uint32 `json:"retransmits,omitempty"`
	Retransmitted uint64 `json:"bytes_retransmitted,omitempty"` // bytes sent again, on whatever subflow
	Sent          uint64 `json:"bytes_sent,omitempty"`
	Received      uint64 `json:"bytes_received,omitempty"`
	Acked         uint64 `json:"bytes_acked,omitempty"`
}

// Path is one way that a connection takes: a TCP connection, a subflow of
// MPTCP, or a peer's address of SCTP.
type Path struct {
	ID     uint32    `json:"id"`     // the kernel's number of a subflow, 0 elsewhere
	Local  string    `json:"local"`  // address and port
	Remote string    `json:"remote"` // address and port
	Since  int64     `json:"since"`  // when it was first seen
	Until  int64     `json:"until,omitempty"`
	Share  float64   `json:"share"` // of all paths' payload bytes acked and received, 0 to 1
	TCP    *TCPInfo  `json:"tcp,omitempty"`
	SCTP   *SCTPPath `json:"sctp,omitempty"`
}

// Ended tells whether the path was gone before the last look; its figures are
// then those of the look before Until.
func (p *Path) Ended() bool { return p.Until != 0 }

// TCPInfo is the kernel's account of a TCP connection or subflow.
type TCPInfo struct {
	RTT               uint32 `json:"rtt"`
	RTTVar            uint32 `json:"rtt_variance"` // mean deviation
	MinRTT            uint32 `json:"min_rtt"`      // 0: not measured
	RTO               uint32 `json:"rto"`
	CWnd              uint32 `json:"cwnd"`     // segments
	SSThresh          uint32 `json:"ssthresh"` // segments; 0: none yet
	MSS               uint32 `json:"mss"`      // bytes a segment sent has at most
	Retransmits       uint32 `json:"retransmits"`
	Retransmitted     uint64 `json:"bytes_retransmitted"`
	Sent              uint64 `json:"bytes_sent"`  // with what was sent again
	Acked             uint64 `json:"bytes_acked"` // on the connecting end with one for the SYN
	Received          uint64 `json:"bytes_received"`
	DeliveryRate      uint64 `json:"delivery_rate"` // bytes per second
	PacingRate        uint64 `json:"pacing_rate"`   // bytes per second; 0: unlimited
	Busy              uint64 `json:"busy_time"`
	RWndLimited       uint64 `json:"rwnd_limited_time"`
	SndBufLimited     uint64 `json:"sndbuf_limited_time"`
	CongestionControl string `json:"congestion_control,omitempty"`
}

// SCTPPath is the kernel's account of a peer's address.
type SCTPPath struct {
	State   string `json:"state"` // "active", "inactive", "unconfirmed", ...
	Primary bool   `json:"primary,omitempty"`
	SRTT    uint32 `json:"srtt"`
	RTO     uint32 `json:"rto"`
	CWnd    uint32 `json:"cwnd"` // bytes
	MTU     uint32 `json:"mtu"`  // bytes
}

// Buffers are a socket's buffers. What was granted is as the kernel reports
// it: Linux says twice what it was asked for, and without a wish the size that
// it has adapted to.
type Buffers struct {
	SendAsked      int `json:"send_asked"` // 0: the system's choice
	SendGranted    int `json:"send_granted"`
	ReceiveAsked   int `json:"receive_asked"` // 0: the system's choice
	ReceiveGranted int `json:"receive_granted"`
}
