# Where the clients go, for the programs of this image.
#
# On the volume: `declared` holds what the topology declared last (`dc1 manual`, or `dc1 automatic`), `active` the site
# that was set last. HAProxy holds the route they make in a map: `dc1`, or `dc1-preferred` in automatic mode.
state=/var/lib/global-load-balancer
map=/run/haproxy/route.map

# Sets route from the volume, to none before anything has been declared.
read_route() {
    local declared site
    route=none mode=
    [ -e "$state/active" ] && [ -e "$state/declared" ] || return 0
    read -r declared mode < "$state/declared"
    read -r site < "$state/active"
    route=$site
    [ "$mode" = automatic ] && route+=-preferred
    return 0
}

haproxy_api() { # command
    echo "$1" | socat -t 2 -T 2 - UNIX-CONNECT:/run/haproxy/admin.sock
}

# Has HAProxy use the route: new requests follow it at once, those in flight are finished where they are.
apply_route() {
    local said
    said=$(haproxy_api "set map $map site $route" 2>&1) || return 1
    [ -z "$said" ] || { echo "$said" >&2; return 1; }
}

# Replaces a file of the volume; call it with the lock held.
keep() { # name, content
    echo "$2" > "$state/$1.new" && sync "$state/$1.new" && mv "$state/$1.new" "$state/$1"
}

lock() {
    exec {lock}> "$state/lock" && flock -w 5 "$lock"
}
