"""model.py - RFC 5842 in memory: collections, bindings, contents, a property, locks. What a server has to be like.

A resource is an object; a collection has a mapping of names to resources, which are its bindings. A path is a tuple of
names from the root. Each method says which statuses are right (a set) and, told which one came, does what that means.
Where the RFC or our choices leave a status open, several are right.
"""


class Resource:
    def __init__(self, kind):
        self.kind = kind  # "file" or "folder"
        self.content, self.prop = b"", None
        self.names = {}
        self.is_bound = False  # it has several names, or had

    @property
    def is_folder(self):
        return self.kind == "folder"


class Lock:
    def __init__(self, token, resource, path, way, deep, exclusive):
        self.token, self.resource, self.path, self.way = token, resource, path, way
        self.deep, self.exclusive = deep, exclusive


class Model:
    def __init__(self):
        self.root = Resource("folder")
        self.locks = []

    # -- looking

    def find(self, path):
        at = self.root
        for name in path:
            at = at.names.get(name) if at.is_folder else None
            if at is None:
                return None
        return at

    def way(self, path):
        """The bindings that a path goes by: (collection, name) of each step."""
        at, way = self.root, []
        for name in path:
            way.append((at, name))
            at = at.names[name]
        return way

    def below(self, resource):
        """It, and everything below it, each once."""
        found, waiting = [resource], [resource]
        while waiting:
            for child in waiting.pop().names.values():
                if child not in found:
                    found.append(child)
                    waiting.append(child)
        return found

    def above(self, resource):
        """It, and every collection above it by any way."""
        everything = self.below(self.root)
        found, grows = [resource], True
        while grows:
            grows = False
            for folder in everything:
                if folder not in found and any(child in found for child in folder.names.values()):
                    found.append(folder)
                    grows = True
        return found

    def listing(self):
        """What PROPFIND Depth infinity with "DAV: bind" tells: (path, resource, comes again), in the order of names."""
        told, seen = [], set()

        def visit(path, resource):
            again = resource.is_folder and resource in seen
            told.append((path, resource, again))
            if again or not resource.is_folder:
                return
            seen.add(resource)
            for name in sorted(resource.names):
                visit(path + (name,), resource.names[name])

        visit((), self.root)
        return told

    # -- locks

    def covering(self, resource):
        above = self.above(resource)
        return [lock for lock in self.locks if lock.resource is resource or (lock.deep and lock.resource in above)]

    def passing(self, folder, name):
        """Locks whose root's path goes by this binding."""
        return [lock for lock in self.locks if (folder, name) in lock.way]

    def is_open(self, resource, tokens):
        locks = self.covering(resource)
        return not locks or any(lock.token in tokens for lock in locks)

    def may_remove(self, folder, name, tokens):
        """True, False, or None where shared locks make it a question of taste."""
        mine = [lock for lock in self.locks if lock.token in tokens]
        answer = True
        for lock in self.passing(folder, name):
            if lock in mine:
                continue
            if any(own.resource is lock.resource or own.deep for own in mine):
                answer = None if answer is not False else False
            else:
                answer = False
        return answer

    def drop_passing(self, folder, name):
        gone = self.passing(folder, name)
        self.locks = [lock for lock in self.locks if lock not in gone]

    def drop_unreachable(self):
        reachable = self.below(self.root)
        self.locks = [lock for lock in self.locks if lock.resource in reachable]

    # -- methods: each gives (statuses that are right, what a success does)

    def target(self, path):
        """The collection of a new name, or None."""
        folder = self.find(path[:-1])
        return folder if folder is not None and folder.is_folder else None

    def put(self, path, content, tokens):
        folder, old = self.target(path), self.find(path)
        if folder is None:
            return {409}, None
        if old is not None and old.is_folder:
            return {405, 409, 423}, None
        if not self.is_open(old if old is not None else folder, tokens):
            return {423}, None

        def act():
            resource = old
            if resource is None:
                resource = folder.names[path[-1]] = Resource("file")
            resource.content = content

        return ({204} if old is not None else {201}), act

    def mkcol(self, path, tokens):
        folder, old = self.target(path), self.find(path)
        if old is not None:
            return {405, 423}, None
        if folder is None:
            return {409}, None
        if not self.is_open(folder, tokens):
            return {423}, None

        def act():
            folder.names[path[-1]] = Resource("folder")

        return {201}, act

    def proppatch(self, path, value, tokens):
        resource = self.find(path)
        if resource is None:
            return {404, 409}, None
        if not self.is_open(resource, tokens):
            return {423}, None

        def act():
            resource.prop = value

        return {207}, act

    def remove(self, path, tokens, missing):
        folder, old = self.target(path), self.find(path)
        if old is None:
            return missing, None
        may = self.may_remove(folder, path[-1], tokens)
        if not self.is_open(folder, tokens):
            may = False
        right = {True: {204}, False: {423, 207}, None: {204, 423, 207}}[may]

        def act():
            self.drop_passing(folder, path[-1])
            del folder.names[path[-1]]
            self.drop_unreachable()

        return right, act if 204 in right else None

    def is_reachable_after(self, folder, name, to):
        """Whether the root leads to the collection `to` once that binding is gone."""
        child = folder.names.pop(name)
        reachable = to in self.below(self.root)
        folder.names[name] = child
        return reachable

    def joins(self, resource, folder):
        """A lock of the resource, or below it, meets one over the folder: perhaps refused (RFC 4918 §7.4)."""
        below = self.below(resource)
        over = [lock for lock in self.covering(folder) if lock.deep]
        return any(lock.resource in below and lock not in over for lock in self.locks) and bool(over)

    def move(self, source, path, overwrite, tokens, is_rebind):
        moved, folder, old = self.find(source), self.target(path), self.find(path)
        if moved is None:
            return {403, 404, 409, 412, 423}, None
        if folder is None:
            return {403, 404, 409}, None
        from_folder = self.target(source)
        if (from_folder, source[-1]) == (folder, path[-1]):
            return {200, 204, 403, 412, 423}, None
        right, created = set(), {204} if old is not None else {201}
        if old is not None and not overwrite:
            right |= {412}
        for may in (self.may_remove(from_folder, source[-1], tokens),
                    self.may_remove(folder, path[-1], tokens) if old is not None else True):
            right |= {True: set(), False: {423, 207}, None: {423, 207} | created}[may]
        if not self.is_open(from_folder, tokens) or not self.is_open(folder, tokens):
            right |= {423, 207}
        if moved.is_folder and not self.is_reachable_after(from_folder, source[-1], folder):
            right |= {403}
        if right and old is not None and old in self.above(from_folder):
            right |= {403}
        if not right and old is not None and old in self.above(from_folder):
            right |= {403, 423} | created  # onto a collection above: that depends on how it is stored
        if path[:len(source)] == source:  # below its own path, though another one may lead there
            right |= {403} if right else {403} | created
        if not right and self.joins(moved, folder):
            right |= {423} | created
        right = right or created
        if is_rebind and 204 in right:
            right |= {200}

        def act():
            self.drop_passing(from_folder, source[-1])
            self.drop_passing(folder, path[-1])
            from_folder.names.pop(source[-1])
            folder.names[path[-1]] = moved
            self.drop_unreachable()

        return right, act if right & {200, 201, 204} else None

    def bind(self, source, path, overwrite, tokens):
        bound, folder, old = self.find(source), self.target(path), self.find(path)
        if folder is None:
            return {403, 404, 409}, None
        if bound is None:
            return {409, 412, 423}, None
        if not source:
            return {403}, None
        right, created = set(), {200, 204} if old is not None else {201}
        if old is not None and not overwrite:
            right |= {412}
        if old is not None:
            right |= {True: set(), False: {423, 207},
                      None: {423, 207} | created}[self.may_remove(folder, path[-1], tokens)]
        if not self.is_open(folder, tokens):
            right |= {423}
        if old is bound and overwrite:
            right |= created
        if not right and self.joins(bound, folder):
            right |= {423} | created
        right = right or created

        def act():
            if folder.names.get(path[-1]) is bound:
                bound.is_bound = True
                return
            self.drop_passing(folder, path[-1])
            bound.is_bound = True
            folder.names[path[-1]] = bound
            self.drop_unreachable()

        return right, act if right & {200, 201, 204} else None

    def lock(self, path, deep, exclusive, tokens):
        folder, resource = self.target(path), self.find(path)
        if resource is None and (folder is None or not path):
            return {409}, None
        covered = self.covering(resource if resource is not None else folder)
        if resource is None:
            covered = [lock for lock in covered if lock.deep]
            if not self.is_open(folder, tokens):
                return {423}, None
        clash = [lock for lock in covered if lock.exclusive or exclusive]
        if resource is not None and resource.is_folder and deep:
            below = self.below(resource)
            clash += [lock for lock in self.locks if lock.resource in below and (lock.exclusive or exclusive)]
        if clash:
            return {423, 207}, None

        def act(token):
            made = self.find(path)
            if made is None:
                made = folder.names[path[-1]] = Resource("file")
            self.locks.append(Lock(token, made, path, self.way(path), deep, exclusive))

        return ({200} if resource is not None else {201}), act

    def unlock(self, path, token):
        resource = self.find(path)
        held = [lock for lock in self.locks if lock.token == token]
        if resource is None and not any(lock.path == path for lock in held):
            return {404, 409}, None
        covers = [lock for lock in held if lock.path == path or lock in self.covering(resource)]

        def act():
            self.locks = [lock for lock in self.locks if lock not in covers]

        return ({204}, act) if covers else ({409}, None)

    # -- COPY (RFC 5842 §2.3)

    def copy_is_clear(self, source, path, tokens):
        """Nothing locked is in the way: what a COPY does about that is left to tests of its own."""
        old = self.find(path)
        if old is None:
            return True
        held = [lock for resource in self.below(old) for lock in self.covering(resource)]
        return not held

    def copy(self, source, path, deep, overwrite, tokens):
        copied, folder, old = self.find(source), self.target(path), self.find(path)
        if copied is None:
            return {403, 404, 409, 412, 423}, None  # several things may be wrong at once
        if folder is None:
            return {403, 409}, None
        if old is copied:
            return {403, 412}, None
        right, created = set(), {204} if old is not None else {201}
        if old is not None and not overwrite:
            right |= {412}
        if not self.is_open(folder, tokens):
            right |= {423, 207}
        if old is not None and old in self.above(self.target(source) if source else self.root):
            right |= {403, 423} | created  # onto a collection above: that depends on how it is stored
        right = right or created

        def act():
            if old is not None and old.kind != copied.kind:
                self.drop_passing(folder, path[-1])
            Copying(copied, deep).into(folder, path[-1])
            self.drop_unreachable()

        return right, act if right & {201, 204} else None


class Copying:
    """Each source is copied once. What has, or had, several names where a copy goes, is updated and keeps them.

    As the server does it: the whole copy is made first, folder by folder; then what is updated changes, in the order in
    which it was met, and at last the result appears.
    """

    def __init__(self, source, deep):
        self.source, self.deep = source, deep
        self.made = {}  # (bound source, what is updated or None) -> what stands for the copy
        self.updates = []  # (resource, its new state)
        self.waiting = []

    def draft(self, source):
        draft = Resource(source.kind)
        draft.content, draft.prop = source.content, source.prop
        return draft

    def update(self, source, there):
        draft = self.draft(source)
        self.updates.append((there, draft))
        self.waiting.append((source, draft, there))
        return there

    def of_bound(self, source, there):
        known = self.made.get((source, there))
        if known is None and there is None and source is self.source:
            known = self.top
        if known is not None:
            return known
        if there is not None:
            self.made[source, there] = there
            return self.update(source, there)
        draft = self.made[source, None] = self.draft(source)
        draft.is_bound = True
        self.waiting.append((source, draft, None))
        return draft

    def stand_in(self, source, there):
        """What the copy's collection gets for a member."""
        if there is not None and there.kind != source.kind:
            there = None
        if source.is_bound:
            return self.of_bound(source, there if there is not None and there.is_bound else None)
        if there is not None and there.is_bound:
            return self.update(source, there)
        draft = self.draft(source)
        self.waiting.append((source, draft, there))
        return draft

    def into(self, folder, name):
        """False: nothing had that name."""
        old = folder.names.get(name)
        keeps = old is not None and old.kind == self.source.kind
        draft = self.draft(self.source)
        self.top = old if keeps else draft
        if self.source.is_bound:
            self.made[self.source, self.top if keeps else None] = self.top
        self.waiting.append((self.source, draft, old if keeps else None))
        while self.deep and self.waiting:
            self.members(*self.waiting.pop())
        for resource, state in self.updates + ([(old, draft)] if keeps else []):
            resource.content, resource.prop, resource.names = state.content, state.prop, state.names
        if not keeps:
            folder.names[name] = draft

    def members(self, source, draft, replaced):
        for name in sorted(source.names):
            there = replaced.names.get(name) if replaced is not None else None
            draft.names[name] = self.stand_in(source.names[name], there)
            if draft.names[name] is self.top:
                self.top.is_bound = True
