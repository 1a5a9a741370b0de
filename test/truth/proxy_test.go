//go:build linux

package truth

import (
	"context"
	"io"
	"net"
	"net/netip"
	"testing"

	"netperfmeter/test/lab"
)

// proxy passes a passive side's TCP ports on, over plain TCP on both sides,
// until the test ends.
func proxy(t *testing.T, in *lab.Namespace, at, to netip.Addr, ports ...uint16) {
	t.Helper()
	ctx := context.Background()
	var config net.ListenConfig
	config.SetMultipathTCP(false)
	var dialer net.Dialer
	dialer.SetMultipathTCP(false)
	for _, port := range ports {
		var l net.Listener
		err := in.Do(func() (err error) {
			l, err = config.Listen(ctx, "tcp4", netip.AddrPortFrom(at, port).String())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				near, err := l.Accept()
				if err != nil {
					return
				}
				var far net.Conn
				err = in.Do(func() (err error) {
					far, err = dialer.DialContext(ctx, "tcp4", netip.AddrPortFrom(to, port).String())
					return err
				})
				if err != nil {
					near.Close()
					continue
				}
				go pass(far, near)
				go pass(near, far)
			}
		}()
	}
}

// pass copies one direction to its end.
func pass(to, from net.Conn) {
	io.Copy(to, from)
	to.(*net.TCPConn).CloseWrite()
}
