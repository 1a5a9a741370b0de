//go:build linux

package lab

import (
	"encoding/json"
	"fmt"
	"strings"
)

// parseCounter finds "rx_bytes" and the like in the output of ip -s -j link.
func parseCounter(text, counter string) (uint64, error) {
	var links []struct {
		Stats64 map[string]map[string]uint64 `json:"stats64"`
	}
	if err := json.Unmarshal([]byte(text), &links); err != nil {
		return 0, fmt.Errorf("output of ip: %w", err)
	}
	direction, name, _ := strings.Cut(counter, "_")
	if len(links) != 1 {
		return 0, fmt.Errorf("output of ip: %d interfaces", len(links))
	}
	v, ok := links[0].Stats64[direction][name]
	if !ok {
		return 0, fmt.Errorf("output of ip: no counter %s", counter)
	}
	return v, nil
}
