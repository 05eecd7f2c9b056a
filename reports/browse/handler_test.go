package browse

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"checker/check"
	"checker/rundir"
)

const hostile = "<script>alert(1)</script>\"'"

// fill makes a store of n runs below a folder, of which every third is invalid,
// and returns its path. Beside it lies a secret.
func fill(t testing.TB, n int) string {
	t.Helper()
	top := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(top, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("secret/report.html", "the secret")
	write("secret/run.json", "{}")
	for i := range n {
		dir := fmt.Sprintf("store/name/run%05d", i)
		write(dir+"/run.json", fmt.Sprintf(`{"schema":"checker/run/1","seed":%d,"start":"2026-11-21T10:%02d:00Z","config":{"target":"refdb","workload":%q}}`, i, i%60, hostile))
		verdict, found := "valid", ""
		if i%3 == 0 {
			verdict, found = "invalid", `{"type":"G-single","count":1,"witnesses":[{"ops":[1],"steps":[{"edge":"wr"},{"edge":"rw"}],"text":"`+strings.Repeat("T1 \\u003c T2, ", 500)+`"}]}`
		}
		write(dir+"/verdict.json", fmt.Sprintf(`{"verdict":%q,"summary":"s","anomaly_types":[],"checks":[{"name":"c","verdict":%q,"anomalies":[%s]}],"evidence":{"faults":{"kill":{"injected":1,"effective":1}}}}`, verdict, verdict, found))
		write(dir+"/report.html", "the report of "+dir)
	}
	return filepath.Join(top, "store")
}

func serve(t testing.TB, dir string) http.Handler {
	store, err := Open(dir, func() time.Time { return time.Unix(0, 0) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return NewHandler(store, true)
}

func get(h http.Handler, method, target, host string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, "http://"+host+target, nil)
	h.ServeHTTP(w, r)
	return w
}

func TestListSearchesAndGroups(t *testing.T) {
	h := serve(t, fill(t, 9))
	tests := []struct {
		target string
		want   []string
		none   []string
	}{
		{"/", []string{"9 of 9 runs", "/run/name/run00003/report.html", "G-single (rw wr) under kill", "&lt;script&gt;"}, []string{"<script>"}},
		{"/?verdict=invalid", []string{"3 of 9 runs"}, []string{"run00001"}},
		{"/?q=run00007", []string{"1 of 9 runs"}, []string{"run00006"}},
		{"/?group=signature", []string{"1 signature:", "<td class=\"num\">3</td>", "run00006"}, []string{"run00001"}},
		{"/compare?a=name/run00000&b=name/run00001", []string{"verdict ≠", "target<"}, []string{"target ≠", "<script>"}},
		{"/run/name/run00003/report.html", []string{"the report of store/name/run00003"}, nil},
	}
	for _, test := range tests {
		w := get(h, "GET", test.target, "localhost")
		for _, want := range test.want {
			if w.Code != 200 || !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s: %d, no %q in %.2000s", test.target, w.Code, want, w.Body)
			}
		}
		for _, none := range test.none {
			if strings.Contains(w.Body.String(), none) {
				t.Errorf("%s: %q in it", test.target, none)
			}
		}
		if !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", test.target, w.Header())
		}
	}
}

// TestNothingOutsideIsRead: neither dots nor links lead out of the store, and
// only known files are served.
func TestNothingOutsideIsRead(t *testing.T) {
	dir := fill(t, 1)
	if err := os.Symlink("../../secret", filepath.Join(dir, "name", "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../../../secret/report.html", filepath.Join(dir, "name", "run00000", "junit.xml")); err != nil {
		t.Fatal(err)
	}
	h := serve(t, dir)
	for _, target := range []string{"/run/../secret/report.html", "/run/%2e%2e/secret/report.html", "/run/..%2fsecret%2freport.html", "/run//etc/passwd",
		"/run/name/link/report.html", "/run/name/run00000/junit.xml", "/run/name/run00000/schedule.txt", "/run/name", "/zip/name/link", "/zip/../secret", "/zip/%2e%2e/secret", "/compare?a=../secret&b=/etc"} {
		w := get(h, "GET", target, "localhost")
		if w.Code == 200 || strings.Contains(w.Body.String(), "the secret") {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
	if w := get(h, "GET", "/", "localhost"); strings.Contains(w.Body.String(), "link/") {
		t.Error("a link out of the store is listed")
	}
}

func TestOnlyThisMachineReads(t *testing.T) {
	h := serve(t, fill(t, 1))
	for host, want := range map[string]int{"localhost:8080": 200, "127.0.0.1:1": 200, "[::1]:80": 200, "evil.example": 403, "127.0.0.1.evil.example": 403} {
		if w := get(h, "GET", "/", host); w.Code != want {
			t.Errorf("host %s: %d, want %d", host, w.Code, want)
		}
	}
	if w := get(h, "POST", "/", "localhost"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
}

func TestZipHoldsTheRun(t *testing.T) {
	w := get(serve(t, fill(t, 1)), "GET", "/zip/name/run00000", "localhost")
	archive, err := zip.NewReader(bytes.NewReader(w.Body.Bytes()), int64(w.Body.Len()))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range archive.File {
		names = append(names, f.Name)
		if f.Name == rundir.ReportFile {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			if text, _ := io.ReadAll(r); string(text) != "the report of store/name/run00000" {
				t.Errorf("the report is %s", text)
			}
		}
	}
	if got := strings.Join(names, " "); got != "report.html run.json verdict.json" {
		t.Errorf("the archive holds %s", got)
	}
}

// TestDamagedRunsAreListed: what cannot be read is said, and hides nothing else.
func TestDamagedRunsAreListed(t *testing.T) {
	dir := fill(t, 2)
	if err := os.WriteFile(filepath.Join(dir, "name", "run00001", rundir.VerdictFile), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	w := get(serve(t, dir), "GET", "/", "localhost")
	if body := w.Body.String(); !strings.Contains(body, "2 of 2 runs") || !strings.Contains(body, "verdict.json: unexpected end of JSON") || !strings.Contains(body, "? unknown") {
		t.Errorf("%s", body)
	}
}

func TestSignatureForgetsWhereACycleBegins(t *testing.T) {
	a := edgePattern([]check.Step{{Edge: "rw"}, {Edge: "ww"}, {Edge: "wr"}})
	b := edgePattern([]check.Step{{Edge: "wr"}, {Edge: "rw"}, {Edge: "ww"}})
	c := edgePattern([]check.Step{{Edge: "wr"}, {Edge: "ww"}, {Edge: "rw"}})
	if a != b || a == c {
		t.Errorf("%q %q %q: the first two are one cycle, the third another", a, b, c)
	}
}

// TestChangesAreSeen: what is remembered of a run ends with its documents.
func TestChangesAreSeen(t *testing.T) {
	dir := fill(t, 1)
	h := serve(t, dir)
	verdict := filepath.Join(dir, "name", "run00000", rundir.VerdictFile)
	for _, want := range []string{"✕ invalid", "✓ valid"} {
		if body := get(h, "GET", "/", "localhost").Body.String(); !strings.Contains(body, want) {
			t.Errorf("no %s in %s", want, body)
		}
		if err := os.WriteFile(verdict, []byte(`{"verdict":"valid"}`), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkListOfTenThousand lists a store that has not been looked at before.
func BenchmarkListOfTenThousand(b *testing.B) {
	dir := fill(b, 10_000)
	for b.Loop() {
		if w := get(serve(b, dir), "GET", "/", "localhost"); w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}
