//go:build linux

package endtoend

import (
	"strings"
	"testing"

	"netperfmeter/test/lab"
)

// has finds texts in what was printed.
func has(t *testing.T, r lab.Result, code int, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.Stdout, text) {
			t.Errorf("%q is missing", text)
		}
	}
	if r.Code != code || r.TimedOut || t.Failed() {
		t.Errorf("want exit status %d: %v", code, r)
	}
}

// TestCapabilities: what this host can do and what a passive side can, each with the reason where not. What is switched
// off on one side only is seen there only.
func TestCapabilities(t *testing.T) {
	t.Parallel()
	server, client := lab.Loopback(t), lab.Loopback(t)
	server.Sysctl(t, "net/mptcp/enabled", "0")
	p := server.StartPassive(t, 9000, "--quiet")
	has(t, client.Run(t, lab.Ours(t, "--capabilities")), 0,
		"This host\n", "  transports           TCP, UDP, MPTCP", "not QUIC: this program has none", "  MPTCP                on, ", "  descriptors  ", "not TCP: the kernel's time stamps")
	r := server.Run(t, lab.Ours(t, "--capabilities", "127.0.0.1"))
	has(t, r, 0, "This host\n", "\nPassive side, 127.0.0.1\n", "switched off (net.mptcp.enabled is 0)", "not MPTCP: MPTCP is disabled in the kernel")
	if strings.Count(r.Stdout, "  transports           TCP, UDP\n") != 2 {
		t.Errorf("%v", r)
	}
	capabilitiesDocument(t, server.Run(t, lab.Ours(t, "--capabilities", "127.0.0.1", "--json=-")), 0, true)
	capabilitiesDocument(t, client.Run(t, lab.Ours(t, "--capabilities", "--json", "-")), 0, false)
	capabilitiesDocument(t, client.Run(t, lab.Ours(t, "--capabilities", "127.0.0.1:9100", "--json", "-")), 2, false)
	exits(t, client.Run(t, lab.Ours(t, "--capabilities", "--json", "/nowhere/c.json")), 6, "/nowhere/c.json")
	exits(t, client.Run(t, lab.Ours(t, "--capabilities", "--json-lines")), 1, "--json-lines")
	// The questions have left nothing behind.
	measured := server.Run(t, lab.Ours(t, "127.0.0.1", "-runtime=0.2", "-tcp", "const50:const100:const50:const100").In(t.TempDir()))
	if r := p.Stop(); measured.Code != 0 || r.Code != 0 {
		t.Errorf("%v\n%v", measured, r)
	}
	r = client.Run(t, lab.Ours(t, "--capabilities", "127.0.0.1:9100"))
	exits(t, r, 2, "9101")
	has(t, r, 2, "This host\n", "transports")
	exits(t, client.Run(t, lab.Ours(t, "--capabilities", "9000")), 1, "--capabilities takes a HOST")
	exits(t, client.Run(t, lab.Ours(t, "--capabilities", "127.0.0.1", "-tcp", "default")), 1, "measures nothing")
}

// capabilitiesDocument checks the JSON form on stdout.
func capabilitiesDocument(t *testing.T, r lab.Result, code int, passive bool) {
	t.Helper()
	var d struct {
		ExitStatus int                `json:"exit_status"`
		Error      *lab.DocumentError `json:"error"`
	}
	lab.Valid(t, r.Stdout, lab.CapabilitiesSchema, &d)
	if r.Code != code || d.ExitStatus != code || (d.Error == nil) != (code == 0) {
		t.Errorf("want exit status %d: %+v, %v", code, d, r)
	}
	if strings.Contains(r.Stdout, `"passive_side": null`) == passive {
		t.Errorf("passive side: %v", r)
	}
}
