package check

import (
	"encoding/json"
	"fmt"
)

// Verdict is the outcome of a check.
type Verdict uint8

const (
	Valid   Verdict = iota // the property holds for the whole history
	Unknown                // it could not be decided, for a stated reason
	Invalid                // it is violated, with a witness
)

var verdictNames = [...]string{Valid: "valid", Unknown: "unknown", Invalid: "invalid"}

func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return fmt.Sprintf("verdict(%d)", uint8(v))
}

// ParseVerdict reads a verdict as [Verdict.String] prints it.
func ParseVerdict(s string) (Verdict, error) {
	for v, name := range verdictNames {
		if s == name {
			return Verdict(v), nil
		}
	}
	return Unknown, fmt.Errorf("unknown verdict %q: expected valid, invalid or unknown", s)
}

// Worst composes verdicts: invalid beats unknown beats valid. Of none it is
// unknown, since nothing was checked.
func Worst(verdicts ...Verdict) Verdict {
	if len(verdicts) == 0 {
		return Unknown
	}
	worst := Valid
	for _, v := range verdicts {
		worst = max(worst, v)
	}
	return worst
}

// MarshalJSON writes the verdict's name.
func (v Verdict) MarshalJSON() ([]byte, error) { return json.Marshal(v.String()) }

// UnmarshalJSON reads the verdict's name.
func (v *Verdict) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	parsed, err := ParseVerdict(s)
	*v = parsed
	return err
}
