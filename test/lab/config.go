//go:build linux

package lab

import (
	"fmt"
	"strings"
	"testing"
)

// Config is a configuration file: values by key, without their quotes, and the keys in order.
type Config struct {
	Keys  []string
	Value map[string]string
}

// ReadConfig reads a configuration file the way a shell would, without running anything.
func ReadConfig(t testing.TB, path string) *Config {
	t.Helper()
	c := &Config{Value: map[string]string{}}
	lines(t, path, func(n int, line string) {
		if line == "" {
			return
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok || strings.ContainsAny(key, " \t\"") {
			t.Fatalf("%s:%d: %q is no assignment", path, n, line)
		}
		if inner, quoted := strings.CutPrefix(value, `"`); quoted {
			value, ok = strings.CutSuffix(inner, `"`)
		}
		if _, twice := c.Value[key]; !ok || twice || strings.ContainsAny(value, "\"$`\\") {
			t.Fatalf("%s:%d: %q", path, n, line)
		}
		c.Keys = append(c.Keys, key)
		c.Value[key] = value
	})
	return c
}

// Flow is a value of a flow's block.
func (c *Config) Flow(id uint32, key string) string {
	return c.Value[fmt.Sprintf("FLOW%d_%s", id, key)]
}
