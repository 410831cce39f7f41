"""x"""
import uuid
import pytest
from tests.journeys.pages import doors
from tests.page_cast import ROLES, PageCast, page_cast, rolled_back
__all__=["page_cast"]
D=doors()
def test_nul(db, page_cast: PageCast):
    bad=[]
    for line, door in sorted(D.items()):
        method,address=line.split(" ",1)
        who = next((w for w in reversed(ROLES) if getattr(door,w)<400), None)
        if not who: continue
        c=page_cast.client(who); c.raise_request_exception=False
        url=page_cast.filled(address)
        for junk in ("a\0b","\ud800".encode("utf-8","surrogatepass").decode("latin-1"), "9"*30, "x"*5000):
            with rolled_back():
                if method=="GET":
                    keys=["cursor","q","who","receipt","since","until","store","text","after","level","category","code","status","page","from","to","phone","actor","verb","search","kind","days","member","encoding","near","lat","lng","name","district"]
                    r=c.get(url,{k:junk for k in keys})
                    if r.status_code>=500: bad.append((line,repr(junk)[:12],r.status_code))
                    for k in keys if junk=="a\0b" else ():
                        r=c.get(url,{k:junk})
                        if r.status_code>=500: bad.append((line,k,r.status_code)); break
                else:
                    body=door.body(page_cast) if door.body else {}
                    for k in [*body,"code","who","receipt_number","sku","member","next"]:
                        with rolled_back():
                            r=c.post(url,{"request_id":uuid.uuid4().hex,**{a:b for a,b in body.items()},k:junk})
                        if r.status_code>=500: bad.append((line,k,repr(junk)[:12],r.status_code))
    print("\n".join(map(str,bad)))
    assert not bad
