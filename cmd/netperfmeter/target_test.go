package main

import "testing"

func TestParseTarget(t *testing.T) {
	tests := []struct {
		in      string
		passive bool
		host    string
		port    uint16
	}{
		{"9000", true, "", 9000},
		{"2", true, "", 2},
		{"65534", true, "", 65534},
		{"10.1.1.1", false, "10.1.1.1", 9000},
		{"10.1.1.1:9500", false, "10.1.1.1", 9500},
		{"server", false, "server", 9000},
		{"server:3", false, "server", 3},
		{"9000x", false, "9000x", 9000},
		{"::1", false, "::1", 9000},
		{"fe80::1%eth0", false, "fe80::1%eth0", 9000},
		{"[::1]", false, "::1", 9000},
		{"[fe80::1%eth0]:9001", false, "fe80::1%eth0", 9001},
	}
	for _, test := range tests {
		got, err := parseTarget(test.in)
		if err != nil || got.passive != test.passive || got.host != test.host || got.port != test.port {
			t.Errorf("%q gives %+v, %v", test.in, got, err)
		}
	}
}

func TestParseTargetErrors(t *testing.T) {
	tests := []struct{ in, want string }{
		{"1", `"1" is no base port: expected is a number, 2 to 65534`},
		{"0", `"0" is no base port: expected is a number, 2 to 65534`},
		{"65535", `"65535" is no base port: expected is a number, 2 to 65534`},
		{"99999999999999999999", `"99999999999999999999" is no base port: expected is a number, 2 to 65534`},
		{"server:", `"" is no base port: expected is a number, 2 to 65534`},
		{"server:http", `"http" is no base port: expected is a number, 2 to 65534`},
		{":9000", `the host is missing in ":9000"`},
		{"", `the host is missing in ""`},
		{"1:2:3", `"1:2:3" is no IPv6 address; with a port it is written [ADDRESS]:PORT`},
		{"[::1", `"[::1" is no host: brackets enclose an IPv6 address, for instance [fe80::1%eth0]:9000`},
		{"[::1]9", `"[::1]9" is no host: brackets enclose an IPv6 address, for instance [fe80::1%eth0]:9000`},
		{"[10.1.1.1]:9", `"[10.1.1.1]:9" is no host: brackets enclose an IPv6 address, for instance [fe80::1%eth0]:9000`},
		{"[]:9", `"[]:9" is no host: brackets enclose an IPv6 address, for instance [fe80::1%eth0]:9000`},
	}
	for _, test := range tests {
		if got, err := parseTarget(test.in); err == nil || err.Error() != test.want {
			t.Errorf("%q gives %+v, %v", test.in, got, err)
		}
	}
}
