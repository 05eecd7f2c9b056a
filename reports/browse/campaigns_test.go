package browse

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestCampaignIsFollowed: results are counted as they come, a torn line waits for
// its end, and a campaign that is done is no longer waited for.
func TestCampaignIsFollowed(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "nightly")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		t.Helper()
		file, err := os.OpenFile(filepath.Join(folder, name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if _, err := file.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	write("campaign.json", fmt.Sprintf(`{"schema":"checker/campaign/1","seeds":"1-3","cells":[{"name":"a"},{"name":%q,"expect":"stale-read"}]}`, hostile))
	h := serve(t, dir)
	shows := func(target string, want ...string) {
		t.Helper()
		body := get(h, "GET", target, "localhost").Body.String()
		for _, w := range want {
			if !strings.Contains(body, w) {
				t.Errorf("%s: no %q in %s", target, w, body)
			}
		}
		if strings.Contains(body, "<script>") {
			t.Errorf("%s: a cell's name is markup", target)
		}
	}
	const refresh = `http-equiv="refresh"`
	shows("/", "running, 0 of 6 runs", refresh)
	write("results.jsonl", `{"cell":"a","seed":1,"verdict":"valid"}`+"\n"+`{"cell":"a","seed":2,"ver`)
	shows("/", "running, 1 of 6 runs", "1 valid")
	write("results.jsonl", `dict":"invalid","summary":"it broke"}`+"\n"+fmt.Sprintf(`{"cell":%q,"seed":1,"verdict":"unknown"}`, hostile)+"\n")
	shows("/campaign/nightly", "running, 3 of 6 runs", "1 invalid", "it broke", "&lt;script&gt;", "2 of 3", refresh)
	write("summary.json", "{}")
	shows("/campaign/nightly", "stopped, 3 of 6 runs")
	write("results.jsonl", strings.Repeat(`{"cell":"a","seed":3,"verdict":"valid"}`+"\n", 3))
	write("summary.json", "\n")
	shows("/campaign/nightly", "complete, 6 of 6 runs")
	if body := get(h, "GET", "/campaign/nightly", "localhost").Body.String(); strings.Contains(body, refresh) {
		t.Error("a campaign that is done is still followed")
	}
	if w := get(h, "GET", "/campaign/other", "localhost"); w.Code != 404 {
		t.Errorf("a campaign that is none: %d", w.Code)
	}
}

// TestCampaignThatStopped: one of which nothing came for long was killed.
func TestCampaignThatStopped(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "old", "campaign.json")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, time.Time{}, time.Unix(1e9, 0)); err != nil {
		t.Fatal(err)
	}
	store, err := Open(dir, func() time.Time { return time.Unix(1e9, 0).Add(time.Hour) })
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	all := store.Campaigns()
	if len(all) != 1 || all[0].Status != "stopped" || all[0].Problem == "" {
		t.Errorf("%+v", all)
	}
}

func TestCountSeeds(t *testing.T) {
	for text, want := range map[string]int{"100": 100, "1-100": 100, "7,12-20": 10, "5-5": 1, "9-1": 0, "": 0, "x": 0} {
		if got := countSeeds(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}
