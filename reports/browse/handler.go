package browse

import (
	"archive/zip"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net"
	"net/http"
	"path"
	"slices"
	"strings"

	"checker/rundir"
)

//go:embed page.tmpl style.css
var assets embed.FS

var pageTemplate = template.Must(template.ParseFS(assets, "page.tmpl"))

// mostShown bounds the rows of a list; a search finds the others.
const mostShown = 2000

// files are what may be opened of a run, with their types. All else is in its zip.
var files = map[string]string{
	rundir.ReportFile:  "text/html; charset=utf-8",
	rundir.RunFile:     "application/json",
	rundir.VerdictFile: "application/json",
	rundir.JUnitFile:   "text/plain; charset=utf-8",
}

// NewHandler answers requests about a store. It refuses hosts other than those of
// this machine if local is true: a page elsewhere must not read the store through
// a name that points here.
func NewHandler(store *Store, local bool) http.Handler {
	h := &handler{store}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", h.list)
	mux.HandleFunc("GET /compare", h.compare)
	mux.HandleFunc("GET /run/{name...}", h.file)
	mux.HandleFunc("GET /zip/{name...}", h.zip)
	mux.HandleFunc("GET /campaign/{name}", h.campaign)
	mux.HandleFunc("GET /style.css", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, assets, "style.css")
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if local && !isLocal(r.Host) {
			http.Error(w, "this host is not served", http.StatusForbidden)
			return
		}
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("X-Frame-Options", "DENY")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'")
		mux.ServeHTTP(w, r)
	})
}

func isLocal(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

type handler struct{ store *Store }

// view is what the template shows.
type view struct {
	Title, Query, Verdict, Sort string
	Verdicts, Sorts             []string
	All, Matching               int
	Runs                        []Run
	Groups                      []group
	Pair                        []Run
	Rows                        []row
	Campaigns                   []Campaign
	Campaign                    *Campaign
	Refresh                     bool // something shown is going on
}

type group struct {
	Signature string
	Runs      []Run
}

type row struct {
	Label, A, B string
	Differs     bool
}

func (h *handler) list(w http.ResponseWriter, r *http.Request) {
	runs := h.store.Runs()
	v := view{Title: "store", Query: r.FormValue("q"), Verdict: r.FormValue("verdict"), Sort: r.FormValue("sort"),
		Verdicts: []string{"valid", "invalid", "unknown"}, Sorts: []string{"latest", "verdict", "run", "seed", "ops"}, All: len(runs)}
	runs = slices.DeleteFunc(runs, func(run Run) bool { return !v.matches(run) })
	v.Matching = len(runs)
	switch v.Sort {
	case "verdict":
		slices.SortStableFunc(runs, func(a, b Run) int { return cmp.Compare(a.Verdict, b.Verdict) })
	case "run":
		slices.SortStableFunc(runs, func(a, b Run) int { return cmp.Compare(a.Path, b.Path) })
	case "seed":
		slices.SortStableFunc(runs, func(a, b Run) int { return cmp.Compare(a.Seed, b.Seed) })
	case "ops":
		slices.SortStableFunc(runs, func(a, b Run) int { return cmp.Compare(b.Ops, a.Ops) })
	}
	if r.FormValue("group") == "signature" {
		v.Groups = groups(runs)
	}
	v.Runs = runs[:min(len(runs), mostShown)]
	v.Campaigns = h.store.Campaigns()
	v.Refresh = slices.ContainsFunc(v.Campaigns, func(c Campaign) bool { return c.Status == running })
	v.write(w)
}

func (v *view) matches(run Run) bool {
	text := strings.ToLower(strings.Join([]string{run.Path, run.Target, run.Workload, run.Nemesis, run.Bugs, run.Signature, run.Summary, fmt.Sprint(run.Seed)}, " "))
	return (v.Verdict == "" || v.Verdict == run.Verdict) && strings.Contains(text, strings.ToLower(v.Query))
}

// groups gathers the runs that found something, the largest group first.
func groups(runs []Run) []group {
	var all []group
	at := map[string]int{}
	for _, run := range runs {
		if run.Signature == "" {
			continue
		}
		i, known := at[run.Signature]
		if !known {
			i = len(all)
			at[run.Signature] = i
			all = append(all, group{Signature: run.Signature})
		}
		all[i].Runs = append(all[i].Runs, run)
	}
	slices.SortStableFunc(all, func(a, b group) int { return len(b.Runs) - len(a.Runs) })
	return all
}

func (h *handler) compare(w http.ResponseWriter, r *http.Request) {
	names := []string{r.FormValue("a"), r.FormValue("b")}
	v := view{Title: "compare"}
	for _, name := range names {
		if !fs.ValidPath(name) {
			http.Error(w, "choose two runs", http.StatusBadRequest)
			return
		}
		v.Pair = append(v.Pair, h.store.Run(name))
	}
	a, b := v.Pair[0], v.Pair[1]
	for _, f := range []struct {
		label string
		of    func(Run) string
	}{
		{"verdict", func(r Run) string { return r.Verdict }}, {"summary", func(r Run) string { return r.Summary }},
		{"signature", func(r Run) string { return r.Signature }}, {"target", func(r Run) string { return r.Target }},
		{"workload", func(r Run) string { return r.Workload }}, {"faults", func(r Run) string { return r.Nemesis }},
		{"planted bugs", func(r Run) string { return r.Bugs }}, {"seed", func(r Run) string { return fmt.Sprint(r.Seed) }},
		{"ops", func(r Run) string { return fmt.Sprint(r.Ops) }}, {"status", func(r Run) string { return r.Status }},
		{"began", func(r Run) string { return r.Start }}, {"reproduce", func(r Run) string { return r.Reproduce }},
		{"problem", func(r Run) string { return r.Problem }},
	} {
		v.Rows = append(v.Rows, row{f.label, f.of(a), f.of(b), f.of(a) != f.of(b)})
	}
	v.write(w)
}

func (v *view) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = pageTemplate.Execute(w, v) // whoever asked has gone
}

// file serves one of the known files of a run. A report runs its own script and
// nothing else, and not as part of this site.
func (h *handler) file(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	kind, known := files[path.Base(name)]
	if !known || !fs.ValidPath(name) {
		http.NotFound(w, r)
		return
	}
	if path.Base(name) == rundir.ReportFile {
		w.Header().Set("Content-Security-Policy", "sandbox allow-scripts allow-modals; default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; form-action 'none'")
	}
	w.Header().Set("Content-Type", kind)
	http.ServeFileFS(w, r, h.store.files, name)
}

// zip sends the regular files of a run.
func (h *handler) zip(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	all := h.store.files
	if info, err := all.Stat(path.Join(name, rundir.RunFile)); err != nil || !info.Mode().IsRegular() {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="run.zip"`)
	archive := zip.NewWriter(w)
	err := fs.WalkDir(all, name, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return nil
		}
		return addFile(archive, all, file, strings.TrimPrefix(file, name+"/"))
	})
	if err != nil {
		panic(http.ErrAbortHandler) // a download that fails, and no half archive that looks whole
	}
	_ = archive.Close() // an error would be that whoever asked has gone
}

func addFile(archive *zip.Writer, all fs.FS, file, as string) error {
	from, err := all.Open(file)
	if err != nil {
		return err
	}
	defer from.Close()
	info, err := from.Stat()
	if err != nil {
		return err
	}
	head, err := zip.FileInfoHeader(info)
	if err != nil {
		return err
	}
	head.Name, head.Method = as, zip.Deflate
	to, err := archive.CreateHeader(head)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return err
}
