package main

import (
	"fmt"
	"math"
	"strconv"
)

// unknown stands for a figure that there is none of.
const unknown = "-"

// formatScaled writes a value with four digits and the decimal prefix that
// suits it: 941.2 M, 9.412 G.
func formatScaled(value float64, unit string) string {
	value, prefix := scale(value, 999.95) // which would round up to 1000.0
	if prefix == "" && value == math.Trunc(value) {
		return strconv.FormatFloat(value, 'f', 0, 64) + " " + unit
	}
	return fourDigits(value) + " " + prefix + unit
}

// scale divides a value until it is below a limit, and gives the prefix for
// what is left.
func scale(value, limit float64) (scaled float64, prefix string) {
	prefixes := [...]string{"", "k", "M", "G", "T", "P"}
	i := 0
	for ; value >= limit && i < len(prefixes)-1; i++ {
		value /= 1000
	}
	return value, prefixes[i]
}

func fourDigits(value float64) string {
	decimals := 3
	switch magnitude := math.Abs(value); {
	case magnitude >= 99.995:
		decimals = 1
	case magnitude >= 9.9995:
		decimals = 2
	}
	return strconv.FormatFloat(value, 'f', decimals, 64)
}

// formatRate writes bits per second.
func formatRate(bits float64) string {
	if math.IsNaN(bits) {
		return unknown
	}
	return formatScaled(bits, "bit/s")
}

// shortRate writes bits per second with three digits.
func shortRate(bits float64) string {
	value, prefix := scale(bits, 999.5)
	if prefix == "" {
		return strconv.FormatFloat(value, 'f', 0, 64) + " bit/s"
	}
	return threeDigits(value) + " " + prefix + "bit/s"
}

// formatBytes writes a number of bytes.
func formatBytes(n uint64) string { return formatScaled(float64(n), "B") }

// formatDelay writes milliseconds, which may be negative where two clocks
// differ, in the unit that suits them.
func formatDelay(ms float64) string {
	switch magnitude := math.Abs(ms); {
	case math.IsNaN(ms):
		return unknown
	case magnitude < 0.0005:
		return "0 us"
	case magnitude < 0.9995:
		return threeDigits(ms*1000) + " us"
	case magnitude < 999.5:
		return threeDigits(ms) + " ms"
	}
	return threeDigits(ms/1000) + " s"
}

func threeDigits(value float64) string {
	decimals := 2
	switch magnitude := math.Abs(value); {
	case magnitude >= 99.95:
		decimals = 0
	case magnitude >= 9.995:
		decimals = 1
	}
	return strconv.FormatFloat(value, 'f', decimals, 64)
}

// formatPercent writes a part of a whole.
func formatPercent(part, whole float64) string {
	percent := 0.0
	if whole > 0 {
		percent = 100 * part / whole
	}
	switch {
	case percent == 0:
		return "0 %"
	case percent < 0.005:
		return "<0.01 %"
	case percent > 99.995 && part < whole:
		return ">99.99 %"
	}
	return fmt.Sprintf("%.2f %%", percent)
}

// formatSeconds writes a duration for the eye: 12.3 s, 1:02:03.
func formatSeconds(seconds float64) string {
	if seconds < 99.95 {
		return fmt.Sprintf("%.1f s", seconds)
	}
	whole := int64(math.Round(seconds))
	if whole < 3600 {
		return fmt.Sprintf("%d:%02d min", whole/60, whole%60)
	}
	return fmt.Sprintf("%d:%02d:%02d h", whole/3600, whole/60%60, whole%60)
}
