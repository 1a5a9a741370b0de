package passive

import (
	"container/list"
	"sync"
)

// waiting keeps the connections that have not said what they are for. Who is
// late makes room: a client that means it identifies itself within a round
// trip or two, and so is younger than what only sits there.
type waiting struct {
	most, mostOfClient int
	// spared tells of clients whose connections make room for their own only:
	// those that are measuring. It may be nil.
	spared func(client) bool

	mu      sync.Mutex // guards all below
	all     *list.List // of *newcomer, the oldest in front
	clients map[client]*list.List
}

// newcomer is a connection that is waiting.
type newcomer struct {
	conn     interface{ Close() error }
	client   client
	all, own *list.Element
}

func newWaiting(limits *Limits, spared func(client) bool) *waiting {
	return &waiting{
		spared: spared,
		most:   asInt(limits[MaxUnidentified]), mostOfClient: asInt(limits[MaxClientUnidentified]),
		all: list.New(), clients: make(map[client]*list.List),
	}
}

// enter adds a connection. It returns the one that has to be closed for it,
// and the limit that says so; nil if there is room.
func (w *waiting) enter(conn interface{ Close() error }, who client) (entered, evicted *newcomer, limit Limit) {
	w.mu.Lock()
	defer w.mu.Unlock()
	own := w.clients[who]
	if own == nil {
		own = list.New()
		w.clients[who] = own
	}
	switch {
	case own.Len() > 0 && own.Len() >= w.mostOfClient:
		evicted, limit = own.Front().Value.(*newcomer), MaxClientUnidentified
	case w.all.Len() > 0 && w.all.Len() >= w.most:
		evicted, limit = w.oldest(), MaxUnidentified
	}
	entered = &newcomer{conn: conn, client: who}
	entered.all, entered.own = w.all.PushBack(entered), own.PushBack(entered)
	if evicted != nil {
		w.remove(evicted)
	}
	return entered, evicted, limit
}

// oldest finds who makes room for others: nobody who is spared, if there is
// anybody else. It is called with the lock, and w is not empty.
func (w *waiting) oldest() *newcomer {
	for e := w.all.Front(); e != nil && w.spared != nil; e = e.Next() {
		if n := e.Value.(*newcomer); !w.spared(n.client) {
			return n
		}
	}
	return w.all.Front().Value.(*newcomer)
}

// leave removes a connection that has said what it is for, or has ended.
func (w *waiting) leave(n *newcomer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.remove(n)
}

// remove is called with the lock.
func (w *waiting) remove(n *newcomer) {
	if n.all == nil {
		return
	}
	w.all.Remove(n.all)
	own := w.clients[n.client]
	own.Remove(n.own)
	if own.Len() == 0 {
		delete(w.clients, n.client)
	}
	n.all, n.own = nil, nil
}
