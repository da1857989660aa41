package github

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sethvargo/go-githubactions"
)

// Mode is what the step is to do.
type Mode string

// The modes. ModeCheck collects, compares and publishes; ModeCollect only
// collects and stores; ModeSetup puts the program on the PATH of later steps;
// ModeReport judges and publishes what another workflow run measured; ModeDoctor
// says what is in the way of the others.
const (
	ModeCheck   Mode = "check"
	ModeCollect Mode = "collect"
	ModeSetup   Mode = "setup"
	ModeReport  Mode = "report"
	ModeDoctor  Mode = "doctor"
)

var modes = []Mode{ModeCheck, ModeCollect, ModeSetup, ModeReport, ModeDoctor}

// Inputs are the inputs of the step. Empty means that the default holds, which
// is the one of the flag of the same name unless the field says otherwise.
type Inputs struct {
	Mode             Mode     // never empty
	Results          []string // GLOB or FORMAT=GLOB; none: the common places
	Artifacts        []string // LABEL=GLOB of files whose sizes are measured
	Images           []string // [LABEL=]REFERENCE of container images, the same
	Name             string
	Config           string
	Threshold        string // unchecked
	Against          string // unchecked
	BaselineBranch   string
	BaselineCommit   string // unchecked
	BaselineRuns     int
	Store            string      // unchecked
	Confirm          *int        // nil: as the configuration says
	FailOn           FailOn      // never zero but for never
	ChangedSince     string      // unchecked; none: not asked for; empty: the branch that the change is for
	Packages         bool        // coverage of each folder, too
	WorkingDirectory string      // as written; Step.Dir is the checked folder
	Debug            bool        // log: debug, or the runner's own debug switch
	Token            string      // for the API; a secret
	Matrix           string      // the values of the job's leg of a matrix, for people
	RetentionDays    int         // of the run's artifact; 0: as the repository says
	Comment          CommentMode // never empty
	CheckName        string      // with NAME for the suite's; empty: no check
	Timeout          time.Duration
	Durations        Durations // never empty
}

// Durations says whether the durations of jobs and steps are metrics of the run.
type Durations string

// The choices: where a rule of the configuration is about them, or in any case.
const (
	DurationsAuto   Durations = "auto"
	DurationsAlways Durations = "always"
	DurationsNever  Durations = "never"
)

// CommentMode says when a pull request gets its comment. One that is there is
// kept up to date in every mode but never.
type CommentMode string

// The modes: at once, or when there is something to tell, or something got worse.
const (
	CommentAlways       CommentMode = "always"
	CommentOnChange     CommentMode = "on-change"
	CommentOnRegression CommentMode = "on-regression"
	CommentNever        CommentMode = "never"
)

var commentModes = []CommentMode{CommentAlways, CommentOnChange, CommentOnRegression, CommentNever}

// FailOn says which outcomes fail the step. The zero value is never.
type FailOn struct {
	Regression, Suspect, Inconclusive, Missing, NoBaseline bool
	Warning                                                bool // a metric that only warns regressed
}

// readInputs reads the INPUT_ variables. GitHub keeps the dashes of a name and
// capitals are made of its letters; a value is trimmed, as GitHub's own
// toolkit does.
func readInputs(getenv func(string) string) (Inputs, error) {
	get := githubactions.New(githubactions.WithGetenv(getenv)).GetInput
	in := Inputs{
		Mode:             ModeCheck,
		Results:          lines(get("results")),
		Artifacts:        lines(get("artifacts")),
		Images:           lines(get("images")),
		Name:             get("name"),
		Config:           get("config"),
		Threshold:        get("threshold"),
		Against:          get("against"),
		BaselineBranch:   get("baseline-branch"),
		BaselineCommit:   get("baseline-commit"),
		Store:            get("store"),
		ChangedSince:     get("changed-since"),
		WorkingDirectory: get("working-directory"),
		Token:            get("github-token"),
		Matrix:           matrixLeg(get("matrix")),
		CheckName:        get("check-name"), // whose default the runner fills in: an empty one is what the user wrote
		Debug:            getenv("RUNNER_DEBUG") == "1",
	}
	if m := Mode(get("mode")); m != "" {
		in.Mode = m
	}
	if !slices.Contains(modes, in.Mode) {
		return Inputs{}, fmt.Errorf("input mode: unknown mode %q; want check, collect, setup, report or doctor", in.Mode)
	}
	var err error
	if in.BaselineRuns, err = inputCount("baseline-runs", get("baseline-runs")); err != nil {
		return Inputs{}, err
	}
	if in.Confirm, err = inputConfirm(get("confirm")); err != nil {
		return Inputs{}, err
	}
	if in.FailOn, err = parseFailOn(get("fail-on")); err != nil {
		return Inputs{}, err
	}
	if in.Comment = cmp.Or(CommentMode(get("comment")), CommentOnChange); !slices.Contains(commentModes, in.Comment) {
		return Inputs{}, fmt.Errorf("input comment: unknown mode %q; want always, on-change, on-regression or never", in.Comment)
	}
	if in.Durations = cmp.Or(Durations(get("durations")), DurationsAuto); !slices.Contains([]Durations{DurationsAuto, DurationsAlways, DurationsNever}, in.Durations) {
		return Inputs{}, fmt.Errorf("input durations: unknown choice %q; want auto, always or never", in.Durations)
	}
	if in.RetentionDays, err = inputCount("retention-days", get("retention-days")); err != nil {
		return Inputs{}, err
	}
	switch p := get("packages"); p {
	case "", "false":
	case "true":
		in.Packages = true
	default:
		return Inputs{}, fmt.Errorf("input packages: %q; want true or false", p)
	}
	if in.Timeout, err = inputTime("timeout", get("timeout")); err != nil {
		return Inputs{}, err
	}
	switch l := get("log"); l {
	case "", "info":
	case "debug":
		in.Debug = true
	default:
		return Inputs{}, fmt.Errorf("input log: unknown level %q; want info or debug", l)
	}
	return in, nil
}

// lines are the lines of a value without those that are empty.
func lines(s string) []string {
	var all []string
	for l := range strings.Lines(s) {
		if l = strings.TrimSpace(l); l != "" {
			all = append(all, l)
		}
	}
	return all
}

func inputCount(name, s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 100_000 {
		return 0, fmt.Errorf("input %s: %q is no count; want a whole number from 1 to 100000", name, s)
	}
	return n, nil
}

// maxConfirm is the most re-runs, as in the configuration.
const maxConfirm = 10

func inputConfirm(s string) (*int, error) {
	if s == "" {
		return nil, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > maxConfirm {
		return nil, fmt.Errorf("input confirm: %q is no number of re-runs; want a whole number from 0 to %d", s, maxConfirm)
	}
	return &n, nil
}

// matrixLeg makes a short text of the values of a matrix, which GitHub gives as
// JSON, in the order of their names. What is no object of them counts as none.
func matrixLeg(text string) string {
	var values map[string]any
	if json.Unmarshal([]byte(text), &values) != nil {
		return ""
	}
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(values)) {
		switch v := values[key].(type) {
		case string:
			parts = append(parts, v)
		case nil:
		default:
			text, err := json.Marshal(v)
			if err == nil {
				parts = append(parts, string(text))
			}
		}
	}
	return strings.Join(parts, ", ")
}

// defaultTimeout is for all that the step does with GitHub.
const defaultTimeout = 5 * time.Minute

func inputTime(name, s string) (time.Duration, error) {
	if s == "" {
		return defaultTimeout, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < time.Second || d > 6*time.Hour {
		return 0, fmt.Errorf("input %s: %q is no time from 1s to 6h; want one such as 5m", name, s)
	}
	return d, nil
}

var failOnWords = []string{"regression", "suspect", "inconclusive", "missing", "no-baseline", "warning", "never"}

// parseFailOn reads a comma list, in which GitHub's block texts also put lines.
func parseFailOn(s string) (FailOn, error) {
	words := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) })
	if len(words) == 0 {
		return FailOn{Regression: true}, nil
	}
	for _, w := range words {
		if !slices.Contains(failOnWords, w) {
			return FailOn{}, fmt.Errorf("input fail-on: unknown outcome %q; want %s", w, strings.Join(failOnWords, ", "))
		}
		if w == "never" && len(words) > 1 {
			return FailOn{}, fmt.Errorf("input fail-on: never stands alone; remove it from %q, or the others", s)
		}
	}
	return FailOn{
		Regression:   slices.Contains(words, "regression"),
		Suspect:      slices.Contains(words, "suspect"),
		Inconclusive: slices.Contains(words, "inconclusive"),
		Missing:      slices.Contains(words, "missing"),
		NoBaseline:   slices.Contains(words, "no-baseline"),
		Warning:      slices.Contains(words, "warning"),
	}, nil
}
