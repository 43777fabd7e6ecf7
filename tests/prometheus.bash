# A real Prometheus that scrapes a page of ours (tests/tools/prom-page), with all it keeps in one folder.
# shellcheck shell=bash
#
# prometheus_up DIR OPTION...   starts both, the page with these options; DIR/url says where it answers, DIR/prometheus.pid who it is
# prometheus_again DIR          starts it anew at the same address, when it has ended
# prometheus_down DIR           ends both

prometheus_up() {
	local dir=$1
	prom-page "${@:2}" >"$dir/page.out" 2>"$dir/page.err" 3>&- &
	echo $! >"$dir/page.pid"
	wait_for 10 grep -q . "$dir/page.out"
	printf 'global: {scrape_interval: 200ms, scrape_timeout: 200ms}\nscrape_configs: [{job_name: t, honor_labels: true, static_configs: [{targets: ["127.0.0.1:%s"]}]}]\n' \
		"$(cat "$dir/page.out")" >"$dir/prometheus.yml"
	for _ in 1 2 3 4 5; do	# it cannot be told to take a free port
		echo "http://127.0.0.1:$((20000 + RANDOM % 20000))" >"$dir/url"
		prometheus_again "$dir"
		wait_for 30 prometheus_settled "$dir"
		! kill -0 "$(cat "$dir/prometheus.pid")" || return 0
		wait "$(cat "$dir/prometheus.pid")" || true
	done
	return 1
}
prometheus_again() {
	prometheus --config.file="$1/prometheus.yml" --storage.tsdb.path="$1/data" --web.listen-address="$(sed 's|^http://||' "$1/url")" \
		>"$1/prometheus.out" 2>&1 3>&- &
	echo $! >"$1/prometheus.pid"
}
prometheus_settled() { curl -sf --max-time 5 "$(cat "$1/url")/-/ready" || ! kill -0 "$(cat "$1/prometheus.pid")"; }

prometheus_down() {
	local p
	for p in prometheus page; do
		kill "$(cat "$1/$p.pid")"
		wait "$(cat "$1/$p.pid")" || true
	done
}
