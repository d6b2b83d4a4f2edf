# The route of the clients: functions for the programs of this image.
#
# On the volume, `declared` holds the topology's last declaration (`dc1 manual` or `dc1 automatic`), and `active` the
# site that was set last. HAProxy's map holds the resulting route: `dc1`, or `dc1-preferred` in automatic mode.
state=/var/lib/global-load-balancer
map=/run/haproxy/route.map

# Sets route from the volume, to none before the first declaration.
read_route() {
    local declared site
    route=none mode=
    [ -e "$state/active" ] && [ -e "$state/declared" ] || return 0
    read -r declared mode < "$state/declared"
    read -r site < "$state/active"
    route=$site
    # The routes `nearest` and `spread` avoid a dead site by themselves.
    [ "$mode" = automatic ] && ! every_site "$site" && route+=-preferred
    return 0
}

# Tells whether every site serves clients on this route.
every_site() { # route
    [ "$1" = nearest ] || [ "$1" = spread ]
}

haproxy_api() { # command
    echo "$1" | socat -t 2 -T 2 - UNIX-CONNECT:/run/haproxy/admin.sock
}

# Applies the route: new requests follow it at once; those in flight end where they are.
apply_route() {
    local said
    said=$(haproxy_api "set map $map site $route" 2>&1) || return 1
    [ -z "$said" ] || { echo "$said" >&2; return 1; }
    [ -z "${REDLAB_DISCONNECT_USERS-}" ] || every_site "$route" || disconnect "${route%-preferred}"
}

# Ends users' sessions with all sites but one.
disconnect() { # site
    local backend server
    while IFS=, read -r backend server _; do
        [[ $backend == users-* && $server != "$1" && $server != BACKEND ]] || continue
        haproxy_api "shutdown sessions server $backend/$server"
    done < <(haproxy_api 'show stat -1 4 -1') > /dev/null
}

# Replaces a file of the volume; call it with the lock held.
keep() { # name, content
    # An unfinished file of another user of this image can be removed, but not written.
    rm -f "$state/$1.new" && echo "$2" > "$state/$1.new" && sync "$state/$1.new" && mv "$state/$1.new" "$state/$1"
}

lock() {
    exec {lock}< "$state" && flock -w 5 "$lock"
}
