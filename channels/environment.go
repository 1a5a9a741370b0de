package channels

// Environment is what a host says of itself, as far as it matters to a
// measurement. What it does not tell is empty.
type Environment struct {
	System             string            `json:"system"` // as Go calls it: "linux", ...
	Machine            string            `json:"machine"`
	Kernel             string            `json:"kernel"` // its release
	CongestionControls []string          `json:"congestion_controls,omitempty"`
	CongestionControl  string            `json:"congestion_control,omitempty"` // the default one
	MPTCP              *MPTCPEnvironment `json:"mptcp,omitempty"`              // nil: the kernel has none
}

// MPTCPEnvironment is a network namespace's MPTCP.
type MPTCPEnvironment struct {
	Enabled     bool   `json:"enabled"`
	Scheduler   string `json:"scheduler,omitempty"`
	PathManager string `json:"path_manager,omitempty"`
	// BlackholeTimeout is for how many seconds MPTCP stays off after SYNs with
	// its option were dropped; 0: it does not.
	BlackholeTimeout int               `json:"blackhole_timeout"`
	Sysctls          map[string]string `json:"sysctls,omitempty"` // all below net.mptcp, by their last name
	Subflows         uint32            `json:"subflows"`          // limit: further subflows of a connection
	AddAddrAccepted  uint32            `json:"add_addr_accepted"` // limit: of them by the peer's announcement
	Endpoints        []Endpoint        `json:"endpoints,omitempty"`
	// Counters are those of the namespace (MPTcpExt), by name, which are not 0.
	Counters map[string]uint64 `json:"counters,omitempty"`
}

// Endpoint is an address that the path manager uses.
type Endpoint struct {
	ID        uint8    `json:"id"`
	Address   string   `json:"address"`             // with its port, if it has one
	Interface string   `json:"interface,omitempty"` // its name
	Flags     []string `json:"flags,omitempty"`     // as ip-mptcp(8) names them
}

// CountersSince returns by how much counters have grown, without those that
// have not.
func CountersSince(now, before map[string]uint64) map[string]uint64 {
	grown := make(map[string]uint64)
	for name, v := range now {
		if v > before[name] {
			grown[name] = v - before[name]
		}
	}
	return grown
}
