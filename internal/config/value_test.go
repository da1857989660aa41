package config_test

import (
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/internal/config"
)

func TestParseLimit(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]check.Limit{
		"20%":     {Value: 20, Kind: check.Percent},
		"0.5pp":   {Value: 0.5, Kind: check.Points},
		"20ms":    {Value: 20, Kind: check.Amount, Unit: "ms"},
		"1.5 MB":  {Value: 1.5, Kind: check.Amount, Unit: "MB"},
		"1e3ns":   {Value: 1000, Kind: check.Amount, Unit: "ns"},
		"2e":      {Value: 2, Kind: check.Amount, Unit: "e"},
		"3 µs/op": {Value: 3, Kind: check.Amount, Unit: "µs/op"},
		".5%":     {Value: 0.5, Kind: check.Percent},
		"0":       {Value: 0, Kind: check.Percent},
		"+5%":     {Value: 5, Kind: check.Percent},
	} {
		got, err := config.ParseLimit(s)
		if err != nil || got != want {
			t.Errorf("ParseLimit(%q) = %+v, %v, want %+v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "5", "-1%", "%", "5 %%%x y", "NaN%", "Inf%", "1e999%", "0x5%", "1_0%", "5ms;rm"} {
		if got, err := config.ParseLimit(s); err == nil {
			t.Errorf("ParseLimit(%q) = %+v, want an error", s, got)
		}
	}
}

func TestParseRate(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]float64{"5%": 0.05, "0.05": 0.05, "50 %": 0.5, "0.1%": 0.001} {
		if got, err := config.ParseRate(s); err != nil || got != want {
			t.Errorf("ParseRate(%q) = %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "5", "0", "0%", "-5%", "100%", "1", "5pp", "five", "1e999"} {
		if got, err := config.ParseRate(s); err == nil {
			t.Errorf("ParseRate(%q) = %v, want an error", s, got)
		}
	}
}

func TestParseAge(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for s, want := range map[string]time.Duration{"90d": 90 * day, "12h": 12 * time.Hour, "2w": 14 * day, "1.5d": 36 * time.Hour, "36500d": 36500 * day, "1y": 365 * day, "100y": 36500 * day} {
		if got, err := config.ParseAge(s); err != nil || got != want {
			t.Errorf("ParseAge(%q) = %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "90", "3m", "-1d", "0d", "36501d", "101y", "y", "d", "1d12h"} {
		if got, err := config.ParseAge(s); err == nil {
			t.Errorf("ParseAge(%q) = %v, want an error", s, got)
		}
	}
}

func TestParseStore(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]config.Store{
		"artifact":          {Scheme: "artifact"},
		"dir:a/b":           {Scheme: "dir", Rest: "a/b"},
		`dir:C:\perf`:       {Scheme: "dir", Rest: `C:\perf`},
		"git:perf":          {Scheme: "git", Rest: "perf"},
		"s3://bucket/x":     {Scheme: "s3", Rest: "s3://bucket/x"},
		"postgres://h/db?a": {Scheme: "postgres", Rest: "postgres://h/db?a"},
	} {
		if got, err := config.ParseStore(s); err != nil || got != want {
			t.Errorf("ParseStore(%q) = %+v, %v, want %+v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "dir:", "git:", "s3:x", "s3://", "ftp://x", "artifact:x", "./perf", "C:/perf"} {
		if got, err := config.ParseStore(s); err == nil {
			t.Errorf("ParseStore(%q) = %+v, want an error", s, got)
		}
	}
}
