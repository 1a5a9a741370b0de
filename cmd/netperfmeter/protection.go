package main

import (
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"

	"netperfmeter/control"
	"netperfmeter/passive"
)

// setLimit takes NAME=VALUE.
func setLimit(line *commandLine, value string) error {
	name, text, found := strings.Cut(value, "=")
	if !found {
		return errExpected
	}
	for i, info := range passive.LimitTable() {
		if info.Name != name {
			continue
		}
		n, err := parseLimit(text)
		if err != nil {
			return fmt.Errorf("limit %s: %q: expected a number of 1 or more (%s; k, M, G, T behind it: times 1000, 1000000, ...), or none",
				name, text, info.Unit)
		}
		line.limits[i] = n
		return nil
	}
	return fmt.Errorf("there is no limit %q; there are %s", name, strings.Join(limitNames(), ", "))
}

func limitNames() []string {
	var names []string
	for _, info := range passive.LimitTable() {
		names = append(names, info.Name)
	}
	return names
}

func parseLimit(text string) (int64, error) {
	if text == "none" {
		return passive.NoLimit, nil
	}
	factor := int64(1)
	if i := strings.IndexAny(text, "kMGT"); i >= 0 && i == len(text)-1 {
		for range strings.IndexByte("kMGT", text[i]) + 1 {
			factor *= 1000
		}
		text = text[:i]
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > math.MaxInt64/factor || text[0] == '+' {
		return 0, errExpected
	}
	return n * factor, nil
}

// formatLimit writes a limit's value as parseLimit reads it.
func formatLimit(value int64) string {
	if value == passive.NoLimit {
		return "none"
	}
	suffix := ""
	for _, s := range []string{"k", "M", "G", "T"} {
		if value < 1000 || value%1000 != 0 {
			break
		}
		value, suffix = value/1000, s
	}
	return strconv.FormatInt(value, 10) + suffix
}

// setKeyFile reads the key at once: a mistake shall show before anything starts.
func setKeyFile(line *commandLine, value string) (err error) {
	line.key, err = control.ReadKey(value)
	return err
}

// addNetworks takes networks, or single addresses, separated by commas.
func addNetworks(list func(*commandLine) *[]netip.Prefix) setter {
	return func(line *commandLine, value string) error {
		for text := range strings.SplitSeq(value, ",") {
			network, err := netip.ParsePrefix(text)
			if address, e := netip.ParseAddr(text); e == nil && address.Zone() == "" {
				network, err = netip.PrefixFrom(address, address.BitLen()), nil
			}
			if err != nil {
				return errExpected
			}
			if network.Addr().Is4In6() {
				return fmt.Errorf("%s: write an IPv4 network as one", text)
			}
			if network != network.Masked() {
				return fmt.Errorf("%s: has bits behind its prefix; meant is %s?", text, network.Masked())
			}
			*list(line) = append(*list(line), network)
		}
		return nil
	}
}

// manualLimits is the table of limits in the man page's language.
func manualLimits() string {
	var text strings.Builder
	text.WriteString(".Bl -tag -width Ds -compact\n")
	for _, info := range passive.LimitTable() {
		fmt.Fprintf(&text, ".It Cm %s Pq %s", info.Name, info.Unit)
		if info.Default != 0 {
			fmt.Fprintf(&text, ", default %s", formatLimit(info.Default))
		}
		fmt.Fprintf(&text, "\n%s.\n", strings.ToUpper(info.Meaning[:1])+info.Meaning[1:])
	}
	text.WriteString(".El")
	return text.String()
}
