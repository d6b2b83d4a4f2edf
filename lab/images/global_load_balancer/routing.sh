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
    # Those that are no site leave one that is down by themselves.
    [ "$mode" = automatic ] && ! every_site "$site" && route+=-preferred
    return 0
}

# Whether every site serves, each client his own.
every_site() { # route
    [ "$1" = nearest ] || [ "$1" = spread ]
}

haproxy_api() { # command
    echo "$1" | socat -t 2 -T 2 - UNIX-CONNECT:/run/haproxy/admin.sock
}

# Has HAProxy use the route: new requests follow it at once, those in flight are finished where they are.
apply_route() {
    local said
    said=$(haproxy_api "set map $map site $route" 2>&1) || return 1
    [ -z "$said" ] || { echo "$said" >&2; return 1; }
    [ -z "${REDLAB_DISCONNECT_USERS-}" ] || every_site "$route" || disconnect "${route%-preferred}"
}

# Ends the sessions of users with every other site than theirs.
disconnect() { # site
    local backend server
    while IFS=, read -r backend server _; do
        [[ $backend == users-* && $server != "$1" && $server != BACKEND ]] || continue
        haproxy_api "shutdown sessions server $backend/$server"
    done < <(haproxy_api 'show stat -1 4 -1') > /dev/null
}

# Replaces a file of the volume; call it with the lock held.
keep() { # name, content
    # What another user of this image has begun and not finished can be removed, but not written.
    rm -f "$state/$1.new" && echo "$2" > "$state/$1.new" && sync "$state/$1.new" && mv "$state/$1.new" "$state/$1"
}

lock() {
    exec {lock}< "$state" && flock -w 5 "$lock"
}
