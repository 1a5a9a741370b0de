package passive

import (
	"net/netip"
	"sync"

	"netperfmeter/wire"
)

// registry finds flows for what comes in on data channels. Flows are added
// and removed by the sessions that own them.
type registry struct {
	mu    sync.RWMutex
	flows map[wire.Key]*dataFlow
	peers map[netip.AddrPort]*dataFlow // of identified UDP flows
}

func newRegistry() registry {
	return registry{
		flows: make(map[wire.Key]*dataFlow),
		peers: make(map[netip.AddrPort]*dataFlow),
	}
}

// add enters a flow; false: the key is taken, on whatever control channel.
// IDENTIFY_FLOW carries nothing but the key, so it has to be unique.
func (r *registry) add(f *dataFlow) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, taken := r.flows[f.key]; taken {
		return false
	}
	r.flows[f.key] = f
	return true
}

func (r *registry) remove(f *dataFlow) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.flows, f.key)
	if r.peers[f.peer] == f {
		delete(r.peers, f.peer)
	}
}

func (r *registry) find(key wire.Key) *dataFlow {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.flows[key]
}

// addPeer makes a UDP flow known by its source address. An address can belong
// to one flow at a time: a flow that used it before gives it up.
func (r *registry) addPeer(f *dataFlow, peer netip.AddrPort) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f.peer = peer
	r.peers[peer] = f
}

func (r *registry) byPeer(peer netip.AddrPort) *dataFlow {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.peers[peer]
}
