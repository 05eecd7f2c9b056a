package story

import (
	"strings"
	"testing"
)

func TestEDN(t *testing.T) {
	got, err := EDN(`
# two ops overlap
0 add 1
@3 1/n1 read -> [1 2]
0 -> fail
2 take -> info
nemesis heal -> info`)
	want := `{:process 0 :type :invoke :f :add :value 1}
{:process 1 :type :invoke :f :read :value nil :time 3000000 :node "n1"}
{:process 1 :type :ok :f :read :value [1 2] :time 3000000 :node "n1"}
{:process 0 :type :fail :f :add :value 1}
{:process 2 :type :invoke :f :take :value nil}
{:process 2 :type :info :f :take :value nil}
{:process :nemesis :type :info :f :heal :value nil}
{:process :nemesis :type :info :f :heal :value nil}
`
	if err != nil || got != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
}

func TestAStoryThatMakesNoSense(t *testing.T) {
	for text, want := range map[string]string{
		"0 -> ok":                "line 1: process 0 has no op open",
		"0 add 1\n0 add 2":       "line 2: process 0 has an op open",
		"0 add 1 -> ok\n0 -> ok": "line 2: process 0 has no op open",
	} {
		if _, err := EDN(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
