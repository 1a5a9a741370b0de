package passive

import (
	"io"
	"net/netip"
	"testing"
)

type conn struct{ closed bool }

func (c *conn) Close() error { c.closed = true; return nil }

var _ io.Closer = (*conn)(nil)

// TestWaiting: the oldest of a client, or the oldest of all, makes room.
func TestWaiting(t *testing.T) {
	w := newWaiting(&Limits{MaxUnidentified: 4, MaxClientUnidentified: 3}, nil)
	a, b := clientOf(netip.MustParseAddr("192.0.2.1")), clientOf(netip.MustParseAddr("192.0.2.2"))
	enter := func(who client) (*newcomer, *newcomer, Limit) { return w.enter(&conn{}, who) }
	a1, _, _ := enter(a)
	a2, _, _ := enter(a)
	a3, evicted, _ := enter(a)
	if evicted != nil {
		t.Fatal("there was room")
	}
	a4, evicted, limit := enter(a)
	if evicted != a1 || limit != MaxClientUnidentified {
		t.Errorf("evicted %v, limit %d", evicted, limit)
	}
	b1, evicted, _ := enter(b)
	if evicted != nil {
		t.Error("there was room for another client")
	}
	w.leave(a3) // has identified itself
	if _, evicted, _ = enter(b); evicted != nil {
		t.Error("there was room again")
	}
	if _, evicted, limit = enter(b); evicted != a2 || limit != MaxUnidentified {
		t.Errorf("evicted %v, limit %d", evicted, limit)
	}
	for _, n := range []*newcomer{a1, a2, a3, a4, b1} {
		w.leave(n)
		w.leave(n) // once more does nothing
	}
	if w.all.Len() != 2 || len(w.clients) != 1 {
		t.Errorf("%d are left, of %d clients", w.all.Len(), len(w.clients))
	}
}

// TestWaitingSparesClients: who measures makes room for nobody else, unless there
// is nobody else.
func TestWaitingSparesClients(t *testing.T) {
	a, b := clientOf(netip.MustParseAddr("192.0.2.1")), clientOf(netip.MustParseAddr("192.0.2.2"))
	w := newWaiting(&Limits{MaxUnidentified: 2, MaxClientUnidentified: 9}, func(who client) bool { return who == a })
	a1, _, _ := w.enter(&conn{}, a)
	b1, _, _ := w.enter(&conn{}, b)
	if _, evicted, _ := w.enter(&conn{}, a); evicted != b1 {
		t.Error("the one that is spared made room, though there was another one")
	}
	if _, evicted, _ := w.enter(&conn{}, b); evicted != a1 {
		t.Error("nobody else was there")
	}
}
