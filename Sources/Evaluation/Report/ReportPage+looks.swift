extension ReportPage {
    static let style =
        Chart.style + """
            body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
            main{max-width:62rem;margin:0 auto;padding:1rem}h1{font-size:1.6rem;overflow-wrap:anywhere}h2{font-size:1.2rem;margin-top:2rem}
            .wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
            caption{caption-side:bottom;text-align:left;color:var(--soft);font-size:.85rem;padding-top:.4rem}
            th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid var(--line);font-weight:normal;white-space:nowrap}
            .text{text-align:left}th button{all:unset;cursor:pointer;font-weight:600}th button:focus-visible{outline:2px solid var(--mark)}
            th[aria-sort=ascending] button::after{content:" \\2191"}th[aria-sort=descending] button::after{content:" \\2193"}
            small{color:var(--soft)}code{font-size:.85em;overflow-wrap:anywhere;white-space:normal}
            .better{color:var(--good);font-weight:600}.worse{color:var(--bad);font-weight:600}
            .noise,.same,.unknown{color:var(--soft)}
            figure{margin:1rem 0}svg{width:100%;height:auto;display:block}figcaption{color:var(--soft);font-size:.85rem;max-width:720px}
            @media (max-width:600px){svg text{font-size:15px}}
            details summary{cursor:pointer;margin-top:1rem}
            @media print{:root{--paper:#fff;--ink:#000}figure,tr{break-inside:avoid}details{display:block}.wide{overflow:visible}}

            """

    /// Sorts a table by the column whose title is pressed, once up, once down.
    static let script = """
        for(const b of document.querySelectorAll("th button"))b.addEventListener("click",()=>{
        const th=b.parentElement,table=th.closest("table"),body=table.tBodies[0],i=th.cellIndex;
        const up=th.getAttribute("aria-sort")!=="ascending";
        for(const t of table.tHead.rows[0].cells)t.removeAttribute("aria-sort");
        th.setAttribute("aria-sort",up?"ascending":"descending");
        const key=r=>{const t=r.cells[i].textContent,n=parseFloat(t.replace("−","-"));return th.classList.contains("text")||isNaN(n)?t:n};
        const of=(a,b)=>typeof a==="number"&&typeof b==="number"?a-b:String(a).localeCompare(String(b));
        body.append(...[...body.rows].sort((x,y)=>(up?1:-1)*of(key(x),key(y))));});

        """
}
