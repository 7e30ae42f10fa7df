import Database from 'better-sqlite3';
import { readFileSync, rmSync } from 'node:fs';
import { readdirSync } from 'node:fs';
const dir='/work/wt8/server/store/migrations/';
rmSync('/tmp/tr.db',{force:true});
const d=new Database('/tmp/tr.db');d.pragma('auto_vacuum=INCREMENTAL');d.pragma('journal_mode=WAL');d.pragma('secure_delete=ON');
for(const f of readdirSync(dir).sort()){ try{d.exec(readFileSync(dir+f,'utf8'));}catch(e){console.log(f,e.message)} }
const rnd=()=>Math.random().toString(36).slice(2,12);
const ins=d.prepare(`INSERT INTO traces (request_id,time_ms,key_id,key_name,status,why,asked,left_out,answered,masked,size) VALUES (?,?, 'k','k','ok','key',?,0,?,0,1)`);
const words=[];
let most=0;
for(let i=0;i<300;i++){const ws=Array.from({length:400},rnd);words.push(ws);const s=performance.now();ins.run('r'+i,i,JSON.stringify([{text:ws.join(' ')}]),JSON.stringify([{text:'common '+i}]));}
// big
const big=Array.from({length:8000},rnd).join(' ');let s=performance.now();ins.run('big',1e6,JSON.stringify([{text:big}]),'[]');console.log('insert of',big.length,'chars unique words',performance.now()-s,'ms');
const prose=readFileSync('/work/wt8/CHANGELOG.md','utf8').repeat(10).slice(0,80000);s=performance.now();ins.run('prose',1e6+1,JSON.stringify([{text:prose}]),'[]');console.log('insert of prose',prose.length,performance.now()-s,'ms');
s=performance.now();d.exec("DELETE FROM traces WHERE request_id IN ('big','prose')");console.log('delete both',performance.now()-s);
s=performance.now();
const keepEvery=10;
for(let i=0;i<300;i++) if(i%keepEvery) d.prepare('DELETE FROM traces WHERE request_id=?').run('r'+i);
console.log('delete 270',performance.now()-s);
d.pragma('incremental_vacuum');
d.pragma('wal_checkpoint(TRUNCATE)');
const look=()=>{const b=readFileSync('/tmp/tr.db').toString('latin1');let found=0,pre=0;for(let i=0;i<300;i++) if(i%keepEvery) for(const w of words[i]){ if(b.includes(w)) found++; else if(b.includes(w.slice(0,6))) pre++;}return [found,pre,b.length]};
console.log('residue words, prefixes(6), size',look());
console.log(d.prepare("select count(*) from trace_words where trace_words match ?").pluck().get('common'));
d.exec("INSERT INTO trace_words(trace_words) VALUES('integrity-check')");
s=performance.now();d.exec("INSERT INTO trace_words(trace_words) VALUES('optimize')");console.log('optimize',performance.now()-s);
d.pragma('incremental_vacuum');d.pragma('wal_checkpoint(TRUNCATE)');console.log('after optimize',look());
